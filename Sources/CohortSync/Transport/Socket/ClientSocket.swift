import Glibc

/// One connection to a server.
///
/// Used by one thread at a time; two would mix what they send.
final class ClientSocket: Sendable {
  private let descriptor: Descriptor

  /// Connects to the first address of a host that answers; each has a fair share of the time.
  ///
  /// How long it takes to look the name up is for the resolver of the system.
  ///
  /// - Throws: ``NoAnswer``, if none does before `deadline`.
  init(_ host: PlainAddress.Host, deadline: Duration) throws(NoAnswer) {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    // Not AI_ADDRCONFIG: without another address of its kind, [::1] would be no host.
    unsafe hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host.name, host.port, &hints, &list) == 0 else {
      throw NoAnswer(reason: "no such host")
    }
    defer { unsafe freeaddrinfo(list) }
    var left = 0
    var next = unsafe list
    while let info = unsafe next?.pointee {
      left += 1
      unsafe next = info.ai_next
    }
    var failure = NoAnswer(reason: "no such host")
    unsafe next = list
    while let info = unsafe next?.pointee {
      let now = MonotonicClock().now()
      do throws(NoAnswer) {
        descriptor = try unsafe Self.connect(info, now + (deadline - now) / left)
        return
      } catch { failure = error }
      left -= 1
      unsafe next = info.ai_next
    }
    throw failure
  }

  private static func connect(
    _ info: addrinfo, _ deadline: Duration
  ) throws(NoAnswer) -> Descriptor {
    let kind =
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      | Int32(SOCK_NONBLOCK.rawValue)
    let number = unsafe socket(info.ai_family, kind, info.ai_protocol)
    guard number >= 0 else { throw NoAnswer(reason: "connection failed: \(words(errno))") }
    let descriptor = Descriptor(taking: number)
    // A request leaves in one piece; nothing is gained by waiting for more.
    var on: Int32 = 1
    unsafe setsockopt(
      number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    if unsafe Glibc.connect(number, info.ai_addr, info.ai_addrlen) == 0 { return descriptor }
    guard errno == EINPROGRESS || errno == EINTR else { throw NoAnswer(connecting: errno) }
    try wait(descriptor, POLLOUT, deadline)
    var error: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &size)
    guard error == 0 else { throw NoAnswer(connecting: error) }
    return descriptor
  }

  /// Waits until something can be read or written.
  private static func wait(
    _ descriptor: Descriptor, _ events: Int32, _ deadline: Duration
  ) throws(NoAnswer) {
    while true {
      let left = deadline - MonotonicClock().now()
      guard left > .zero else { throw NoAnswer(reason: "no answer in time") }
      let (seconds, attoseconds) = left.components
      let milliseconds = min(seconds, 1_000_000) * 1_000 + attoseconds / 1_000_000_000_000_000 + 1
      var entry = pollfd(fd: descriptor.number, events: Int16(events), revents: 0)
      let count = unsafe poll(&entry, 1, Int32(milliseconds))
      if count > 0 { return }
      guard count == 0 || errno == EINTR else { throw NoAnswer(reason: words(errno)) }
    }
  }

  fileprivate static func words(_ error: Int32) -> String { FileFailure(error).words }

  /// Whether nothing has come since the last answer, and the other side has not closed.
  var isIdle: Bool {
    var entry = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, 0) == 0
  }

  /// Sends until all is sent, or the other side takes no more.
  ///
  /// - Returns: Whether all was sent; if not, an answer that says why may have come.
  /// - Throws: ``NoAnswer``, if the time is over; some of the bytes may be sent then.
  func send(_ bytes: [UInt8], deadline: Duration) throws(NoAnswer) -> Bool {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.send(
          descriptor.number, buffer.baseAddress?.advanced(by: start), buffer.count - start,
          Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        start += count
      } else if errno == EAGAIN {
        try Self.wait(descriptor, POLLOUT, deadline)
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  /// Reads what has come, waiting for the first byte.
  ///
  /// - Returns: How much of `buffer` is filled; 0 at the end of the connection.
  func receive(_ buffer: inout [UInt8], deadline: Duration) throws(NoAnswer) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe recv(descriptor.number, bytes.baseAddress, bytes.count, 0)
      }
      if count >= 0 { return count }
      if errno == EAGAIN {
        try Self.wait(descriptor, POLLIN, deadline)
      } else if errno != EINTR {
        throw NoAnswer(reason: "connection lost")
      }
    }
  }
}

extension NoAnswer {
  fileprivate init(connecting error: Int32) {
    self.init(
      reason: error == ECONNREFUSED
        ? "connection refused" : "connection failed: \(ClientSocket.words(error))")
  }
}
