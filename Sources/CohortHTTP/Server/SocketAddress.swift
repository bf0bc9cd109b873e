import CPlatform
import Glibc

/// Turns addresses into the system's form and back.
///
/// The system's forms are read and written byte by byte, as they lie in memory:
/// ```
/// IPv4  family 2 │ port 2 big-endian │ address 4 │ zeros 8
/// IPv6  family 2 │ port 2 big-endian │ flow 4 │ address 16 │ scope 4
/// ```
enum SocketAddress {
  /// Opens a listening socket: non-blocking, closed on exec.
  ///
  /// What the system would hold back of an answer stays with us, where a slow reader is noticed: it
  /// takes 4 MiB else before the first byte is late.
  static func listen(
    on address: ListenAddress, _ settings: HTTPSettings
  ) throws(ListenError) -> (descriptor: Int32, bound: BoundAddress) {
    let isFour = address.bytes.count == 4
    let type =
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(isFour ? AF_INET : AF_INET6, type, 0)
    guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
    set(descriptor, SOL_SOCKET, SO_REUSEADDR)
    // Inherited by the connections.
    let (tcp, connection) = (Int32(IPPROTO_TCP), settings.connection)
    set(descriptor, tcp, TCP_NODELAY)
    set(descriptor, tcp, TCP_NOTSENT_LOWAT, to: Int32(clamping: connection.sourceBytes))
    // Of what is on its way all the same, something must arrive in the time for writing.
    set(descriptor, tcp, TCP_USER_TIMEOUT, to: Int32(clamping: connection.writeMilliseconds))
    if !isFour { set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
    var form = bytes(of: address)
    let isBound = unsafe form.withUnsafeMutableBytes { buffer in
      unsafe bind(
        descriptor, buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(buffer.count)) == 0
    }
    let failure = errno
    guard isBound, Glibc.listen(descriptor, settings.backlog) == 0 else {
      let reason = isBound ? errno : failure
      _ = close(descriptor)
      switch reason {
      case EADDRINUSE: throw .inUse(address)
      case EACCES, EPERM: throw .notPermitted(address)
      case EADDRNOTAVAIL: throw .notHere(address)
      default: throw .system(call: "bind", errno: reason)
      }
    }
    guard case .address(let bytes, let port)? = name(of: descriptor, isPeer: false) else {
      _ = close(descriptor)
      throw .system(call: "getsockname", errno: errno)
    }
    return (descriptor, BoundAddress(bytes: bytes, port: port))
  }

  /// Who is at the other end; `nil` if it has gone already.
  static func peer(of descriptor: Int32) -> Peer? {
    guard let peer = name(of: descriptor, isPeer: true) else { return nil }
    // ::ffff:a.b.c.d
    if case .address(let bytes, let port) = peer, bytes.count == 16,
      bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF
    {
      return .address(Array(bytes[12...]), port: port)
    }
    return peer
  }

  private static func name(of descriptor: Int32, isPeer: Bool) -> Peer? {
    var form = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
    var size = socklen_t(form.count)
    let result = unsafe form.withUnsafeMutableBytes { buffer in
      let place = unsafe buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self)
      return isPeer
        ? unsafe getpeername(descriptor, place, &size)
        : unsafe getsockname(descriptor, place, &size)
    }
    guard result == 0 else { return nil }
    let family = Int32(form[0]) | Int32(form[1]) << 8
    let port = UInt16(form[2]) << 8 | UInt16(form[3])
    switch family {
    case AF_INET: return .address(Array(form[4..<8]), port: port)
    case AF_INET6: return .address(Array(form[8..<24]), port: port)
    default: return .local
    }
  }

  private static func bytes(of address: ListenAddress) -> [UInt8] {
    let isFour = address.bytes.count == 4
    let family = UInt8(isFour ? AF_INET : AF_INET6)
    let start: [UInt8] = [
      family, 0, UInt8(address.port >> 8), UInt8(truncatingIfNeeded: address.port),
    ]
    return isFour
      ? start + address.bytes + [UInt8](repeating: 0, count: 8)
      : start + [0, 0, 0, 0] + address.bytes + [0, 0, 0, 0]
  }

  private static func set(
    _ descriptor: Int32, _ level: Int32, _ option: Int32, to value: Int32 = 1
  ) {
    var value = value
    _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }
}
