//! `homeward ready`: for a container's or a balancer's health check, by the program itself.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::CliError;
use crate::config::Config;

/// How long the service may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(config: &Config) -> Result<(), CliError> {
    let bind = config.service.bind.as_str();
    let answer = ask(bind).map_err(|error| CliError::NotReady(format!("{bind}: {error}")))?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status == "200" {
        say!("ready");
        return Ok(());
    }
    Err(CliError::NotReady(format!("{bind} answers {status}")))
}

fn ask(bind: &str) -> std::io::Result<String> {
    let none = || std::io::Error::other("it is no address and port");
    let mut address = bind.to_socket_addrs()?.next().ok_or_else(none)?;
    // A service that listens everywhere is asked on this machine.
    if address.ip().is_unspecified() {
        let here: std::net::IpAddr = match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        address.set_ip(here);
    }
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut head = [0; 64];
    let read = stream.read(&mut head)?;
    Ok(String::from_utf8_lossy(&head[..read]).into_owned())
}
