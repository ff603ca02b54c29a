//! Asking a database server for its state: each worker one question at a time, which answers everybody who
//! came to it before it was asked. The question is asked from the worker's own loop: to hand it to a thread
//! that waits, and back, costs more than the question.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::task::spawn_blocking;
use actix_web::rt::{spawn, time::timeout};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::oneshot::{Sender, channel};

use crate::db::{Database, DatabaseUrl, DbError, ServerWatch, Stamp};

/// How long a server may be silent before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who asks for the state of one house's database; the lines themselves are the workers'.
#[derive(Default)]
pub struct Stamps;

/// Lines by whose they are, who stays where it is as long as its line is there.
type Lines = HashMap<*const Stamps, (Arc<Stamps>, Rc<Line>)>;

thread_local! {
    /// This worker's.
    static LINES: RefCell<Lines> = RefCell::default();
}

/// Who waits at one worker for the next answer.
#[derive(Default)]
struct Line {
    waiting: RefCell<Vec<Sender<Option<Stamp>>>>,
    /// Somebody asks until nobody waits.
    is_asked: Cell<bool>,
    connection: RefCell<Option<Asked>>,
}

/// A connection, and what tells that its answer has come.
struct Asked {
    watch: ServerWatch,
    /// Of whatever kind it is: nothing but `peek` is called on it.
    socket: AsyncFd<TcpStream>,
}

/// The right to ask, until it is dropped, however that comes: nobody goes on waiting for one who asks no more.
struct Asking(Rc<Line>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.is_asked.set(false);
        drop(self.0.waiting.take());
    }
}

impl Stamps {
    /// A state of the database that was seen after this was called; none where it is not told.
    pub async fn now(self: &Arc<Self>, db: &Database) -> Option<Stamp> {
        let (tell, told) = channel();
        let line = self.line();
        line.waiting.borrow_mut().push(tell);
        if !line.is_asked.replace(true) {
            spawn(ask(Asking(line), db.url().clone()));
        }
        told.await.ok().flatten()
    }

    fn line(self: &Arc<Self>) -> Rc<Line> {
        LINES.with_borrow_mut(|lines| {
            let own = || (Arc::clone(self), Rc::default());
            Rc::clone(&lines.entry(Arc::as_ptr(self)).or_insert_with(own).1)
        })
    }
}

/// Asks until nobody waits.
async fn ask(asking: Asking, url: DatabaseUrl) {
    let line = &asking.0;
    loop {
        // Whoever is about to come gets the answer of the same question.
        tokio::task::yield_now().await;
        let waiting = line.waiting.take();
        if waiting.is_empty() {
            return;
        }
        let stamp = match timeout(PATIENCE, line.seen(&url)).await {
            Ok(Ok(stamp)) => Some(stamp),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the database does not tell its state");
                None
            }
            Err(_) => {
                tracing::warn!(seconds = PATIENCE.as_secs(), "the database is silent");
                None
            }
        };
        for tell in waiting {
            // Whoever went away need not be told.
            let _ = tell.send(stamp.clone());
        }
    }
}

impl Line {
    /// One question. Its connection is kept only if it was answered.
    async fn seen(&self, url: &DatabaseUrl) -> Result<Stamp, DbError> {
        let kept = self.connection.take();
        let mut asked = match kept {
            Some(asked) => asked,
            None => connect(url.clone()).await?,
        };
        asked.watch.ask()?;
        let stamp = loop {
            let mut ready = asked.socket.readable().await.map_err(|error| lost(url, &error))?;
            if let Some(stamp) = asked.watch.answer()? {
                // All of it is taken in: what comes next makes it ready again.
                ready.clear_ready();
                break stamp;
            }
            // A long answer may be there and not yet taken in: it is ready until nothing is left.
            let _ = ready.try_io(|socket| socket.get_ref().peek(&mut [0]));
        };
        self.connection.replace(Some(asked));
        Ok(stamp)
    }
}

async fn connect(url: DatabaseUrl) -> Result<Asked, DbError> {
    let to = url.clone();
    let made = spawn_blocking(move || ServerWatch::connect(&to)).await;
    let mut watch = made.map_err(|error| lost(&url, &error))??;
    let socket = TcpStream::from(watch.socket()?);
    // SAFETY: the handle is the `AsyncFd`'s own, which neither closes nor gives away what it holds.
    #[allow(unsafe_code)]
    let socket = unsafe { AsyncFd::register_with_interest(socket, Interest::READABLE) };
    let socket = socket.map_err(|error| lost(&url, &error))?;
    Ok(Asked { watch, socket })
}

fn lost(url: &DatabaseUrl, error: &dyn std::fmt::Display) -> DbError {
    DbError::Unavailable { database: url.to_string(), detail: error.to_string() }
}
