//! Load over loopback from this process: connections that each ask again as soon as they are answered, or so
//! many times a second.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("connecting");
        stream.set_nodelay(true).expect("no delay");
        Self { stream, buffer: Vec::new() }
    }

    /// Sends a request and gives its whole answer.
    pub fn ask(&mut self, request: &str) -> Vec<u8> {
        self.stream.write_all(request.as_bytes()).expect("sending");
        self.buffer.clear();
        let mut piece = [0_u8; 16 << 10];
        loop {
            let read = self.stream.read(&mut piece).expect("an answer");
            assert!(read > 0, "the server hung up");
            self.buffer.extend_from_slice(&piece[..read]);
            if whole(&self.buffer) {
                return std::mem::take(&mut self.buffer);
            }
        }
    }
}

fn whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]);
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.parse::<usize>().ok())
        .expect("an answer with its length");
    answer.len() >= end + 4 + length
}

/// What was sent and answered.
pub struct Load {
    pub answers: usize,
    took: Duration,
}

impl Load {
    pub fn a_second(&self) -> f64 {
        self.answers as f64 / self.took.as_secs_f64()
    }
}

/// How to ask.
#[derive(Clone, Copy)]
pub struct Pace {
    pub connections: usize,
    pub how_long: Duration,
    /// Requests a second over all connections; else as many as are answered.
    pub rate: Option<f64>,
}

impl Pace {
    /// When the request of a running number is due, after the beginning.
    fn due(self, number: usize) -> Duration {
        self.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(number as f64 / rate))
    }
}

/// Asks at a pace; `request` is given a running number.
pub fn load(address: &str, pace: Pace, request: &(impl Fn(usize) -> String + Sync)) -> Load {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    std::thread::scope(|threads| {
        for _ in 0..pace.connections {
            threads.spawn(|| {
                let mut connection = Connection::open(address);
                while began.elapsed() < pace.how_long {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(pace.due(number).saturating_sub(began.elapsed()));
                    let answer = connection.ask(&request(number));
                    assert!(
                        answer.starts_with(b"HTTP/1.1 200"),
                        "{}",
                        String::from_utf8_lossy(&answer)
                    );
                }
            });
        }
    });
    Load { answers: next.into_inner(), took: began.elapsed() }
}
