//! A PostgreSQL server's state, asked for without a thread that waits: the question is sent, and its socket
//! tells when the answer is there. diesel's connections wait in the call; this one knows one question only.

use std::ffi::{CStr, CString, c_char};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::ptr::{self, NonNull};

use pq_sys::{ConnStatusType, ExecStatusType, PGconn, PGresult};

use super::connection::with_time_out;
use super::error::DbError;
use super::stamp::{OF_SERVER, Stamp};
use super::url::DatabaseUrl;

/// The prepared question's name.
const QUESTION: &CStr = c"homeward_state";

/// A connection of its own to the server, on which one question is out at the most.
pub struct ServerWatch {
    connection: NonNull<PGconn>,
    /// For messages; without the password.
    database: String,
    /// What was answered so far to the question that is out.
    seen: Option<String>,
}

// SAFETY: libpq keeps nothing of a connection by thread; it is used by one at a time, for every call here
// takes it mutably.
#[allow(unsafe_code)]
unsafe impl Send for ServerWatch {}

impl ServerWatch {
    /// Connects and prepares the question. Waits for the server.
    ///
    /// # Errors
    /// `Unavailable`.
    pub fn connect(url: &DatabaseUrl) -> Result<Self, DbError> {
        let database = url.to_string();
        let unavailable = |detail: String| DbError::Unavailable {
            database: database.clone(),
            detail: url.redact(detail.trim()),
        };
        let target = CString::new(with_time_out(url.target()))
            .map_err(|_| unavailable("its URL holds a zero byte".to_owned()))?;
        // SAFETY: the text ends with a zero byte and outlives the call, which keeps no pointer to it.
        #[allow(unsafe_code)]
        let made = unsafe { pq_sys::PQconnectdb(target.as_ptr()) };
        let connection =
            NonNull::new(made).ok_or_else(|| unavailable("no memory is left".to_owned()))?;
        let mut watch = Self { connection, database: database.clone(), seen: None };
        // SAFETY: the connection is ours and open; name and statement end with a zero byte; it has no
        // parameters, so that no types are read.
        #[allow(unsafe_code)]
        let is_ready = unsafe {
            let conn = watch.connection.as_ptr();
            pq_sys::PQstatus(conn) == ConnStatusType::CONNECTION_OK && {
                let question =
                    pq_sys::PQprepare(conn, QUESTION.as_ptr(), OF_SERVER.as_ptr(), 0, ptr::null());
                let status = pq_sys::PQresultStatus(question);
                pq_sys::PQclear(question);
                status == ExecStatusType::PGRES_COMMAND_OK && pq_sys::PQsetnonblocking(conn, 1) == 0
            }
        };
        if is_ready { Ok(watch) } else { Err(unavailable(watch.message())) }
    }

    /// A handle of its own on the connection's socket, which becomes readable when an answer comes.
    ///
    /// # Errors
    /// `Unavailable`: no handle is left, or the connection is of no use any more.
    pub fn socket(&mut self) -> Result<OwnedFd, DbError> {
        // SAFETY: the connection is ours, and its socket, if it has one, stays open through this call.
        #[allow(unsafe_code)]
        let copied = unsafe {
            match pq_sys::PQsocket(self.connection.as_ptr()) {
                ..0 => return Err(self.gone()),
                socket => BorrowedFd::borrow_raw(socket).try_clone_to_owned(),
            }
        };
        copied.map_err(|error| DbError::Unavailable {
            database: self.database.clone(),
            detail: error.to_string(),
        })
    }

    /// Sends the question; does not wait.
    ///
    /// # Errors
    /// `Unavailable`: the connection is of no use any more.
    pub fn ask(&mut self) -> Result<(), DbError> {
        self.seen = None;
        // SAFETY: the connection is ours and open; the name ends with a zero byte; with no parameters none
        // of the lists is read.
        #[allow(unsafe_code)]
        let is_sent = unsafe {
            let (conn, name) = (self.connection.as_ptr(), QUESTION.as_ptr());
            let none = (ptr::null(), ptr::null(), ptr::null());
            pq_sys::PQsendQueryPrepared(conn, name, 0, none.0, none.1, none.2, 0) == 1
                // A few bytes on a connection with nothing out: the socket has room for them.
                && pq_sys::PQflush(conn) == 0
        };
        if is_sent { Ok(()) } else { Err(self.gone()) }
    }

    /// Takes in what has come; the state once all of the answer has. Does not wait.
    ///
    /// # Errors
    /// `Unavailable`: the connection is of no use any more.
    pub fn answer(&mut self) -> Result<Option<Stamp>, DbError> {
        let conn = self.connection.as_ptr();
        // SAFETY: the connection is ours and open.
        #[allow(unsafe_code)]
        if unsafe { pq_sys::PQconsumeInput(conn) } != 1 {
            return Err(self.gone());
        }
        loop {
            // SAFETY: as above; asked for a result only when there is one, it does not wait.
            #[allow(unsafe_code)]
            let result = unsafe {
                if pq_sys::PQisBusy(conn) != 0 {
                    return Ok(None);
                }
                pq_sys::PQgetResult(conn)
            };
            let Some(result) = NonNull::new(result) else { break };
            match text(result) {
                Some(seen) => self.seen = Some(seen),
                None => return Err(self.gone()),
            }
        }
        self.seen.take().map(Stamp::of_seen).map(Some).ok_or_else(|| self.gone())
    }

    fn gone(&mut self) -> DbError {
        DbError::Unavailable { database: self.database.clone(), detail: self.message() }
    }

    /// What libpq says went wrong last.
    fn message(&mut self) -> String {
        // SAFETY: the connection is ours; the message ends with a zero byte and is copied at once.
        #[allow(unsafe_code)]
        let said = unsafe { CStr::from_ptr(pq_sys::PQerrorMessage(self.connection.as_ptr())) };
        said.to_string_lossy().trim().to_owned()
    }
}

/// The one value of a result, which is given back; none of another result.
fn text(result: NonNull<PGresult>) -> Option<String> {
    let result = result.as_ptr();
    // SAFETY: the result is ours until it is cleared; the value is there, ends with a zero byte, and is
    // copied before that.
    #[allow(unsafe_code)]
    unsafe {
        let is_one = pq_sys::PQresultStatus(result) == ExecStatusType::PGRES_TUPLES_OK
            && pq_sys::PQntuples(result) == 1
            && pq_sys::PQnfields(result) == 1;
        let value: Option<*const c_char> =
            is_one.then(|| pq_sys::PQgetvalue(result, 0, 0).cast_const());
        let value = value.map(|value| CStr::from_ptr(value).to_string_lossy().into_owned());
        pq_sys::PQclear(result);
        value
    }
}

impl Drop for ServerWatch {
    fn drop(&mut self) {
        // SAFETY: the connection is ours, and not used after this.
        #[allow(unsafe_code)]
        unsafe {
            pq_sys::PQfinish(self.connection.as_ptr());
        }
    }
}
