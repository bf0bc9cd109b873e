import Glibc

/// A socket connected to the server, as seen by an impolite but correct client.
///
/// Non-blocking once connected. Closed with its owner.
final class Socket {
  let number: Int32

  /// Connects to a port of 127.0.0.1.
  init(port: UInt16) throws {
    number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { throw Trouble("No socket: errno \(errno).") }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let failed = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard failed == 0 else { throw Trouble("Port \(port) does not answer: errno \(errno).") }
    var one: Int32 = 1
    unsafe setsockopt(
      number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
  }

  deinit { close(number) }

  /// - Returns: How many bytes were taken, 0 if there is no room.
  func send(_ bytes: borrowing Span<UInt8>) throws -> Int {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if count >= 0 { return count }
    if errno == EAGAIN || errno == EINTR { return 0 }
    throw Trouble("The server hung up while it was written to: errno \(errno).")
  }

  /// - Returns: How many bytes came, `nil` if there are none yet.
  func receive(into buffer: inout [UInt8]) throws -> Int? {
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe recv(number, $0.baseAddress, $0.count, 0)
    }
    if count > 0 { return count }
    if count < 0, errno == EAGAIN || errno == EINTR { return nil }
    throw Trouble("The server hung up: errno \(count == 0 ? 0 : errno).")
  }
}

/// What stops a measurement, in words.
struct Trouble: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension Socket {
  /// Waits until something has come.
  func waitForBytes() {
    var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&entry, 1, 10_000)
  }
}
