import CPlatform
package import CohortThreads
import Glibc

/// Where a server listens: `127.0.0.1:8080`, `[::1]:8080`; port 0 for any that is free.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// 4 bytes of IPv4, or 16 of IPv6.
  package let bytes: [UInt8]
  package let port: UInt16

  package init(bytes: [UInt8], port: UInt16) {
    self.bytes = bytes
    self.port = port
  }

  /// - Throws: ``ListenError/malformed(_:)``. Names are not looked up.
  package init(_ text: String) throws(ListenError) {
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...]),
      text[text.index(after: colon)...].utf8.allSatisfy(Byte.isDigit)
    else { throw .malformed(text) }
    var host = String(text[..<colon])
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.utf8.count > 2
    if isBracketed { host = String(host.dropFirst().dropLast()) }
    var bytes = [UInt8](repeating: 0, count: isBracketed ? 16 : 4)
    let family = isBracketed ? AF_INET6 : AF_INET
    // The system writes 4 or 16 bytes, as the family says.
    let isAddress = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe inet_pton(family, host, buffer.baseAddress) == 1
    }
    guard isAddress else { throw .malformed(text) }
    self.init(bytes: bytes, port: port)
  }

  /// Whether only processes on this machine can reach it.
  package var isLoopback: Bool {
    bytes.count == 4
      ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
  }

  /// The same as somebody on this machine writes it: what stands for every address is none of them.
  package var fromHere: ListenAddress {
    guard bytes.allSatisfy({ $0 == 0 }) else { return self }
    let loopback: [UInt8] =
      bytes.count == 4 ? [127, 0, 0, 1] : [UInt8](repeating: 0, count: 15) + [1]
    return ListenAddress(bytes: loopback, port: port)
  }

  package var description: String {
    if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") + ":\(port)" }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    _ = unsafe bytes.withUnsafeBytes { from in
      unsafe text.withUnsafeMutableBufferPointer { to in
        unsafe inet_ntop(AF_INET6, from.baseAddress, to.baseAddress, socklen_t(to.count))
      }
    }
    let end = text.firstIndex(of: 0) ?? text.count
    let host = String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "[\(host)]:\(port)"
  }
}

/// Where a server does listen: the port is the one that was found.
package typealias BoundAddress = ListenAddress

/// Why a server cannot listen.
///
/// Every message has two sentences: what is so, and what to do about it.
package enum ListenError: Error, Hashable, Sendable, CustomStringConvertible {
  case malformed(String)
  case inUse(ListenAddress)
  case notPermitted(ListenAddress)
  case notHere(ListenAddress)
  case stopped
  case system(call: String, errno: Int32)
  case thread(ThreadFailure)

  package var description: String {
    switch self {
    case .malformed(let text):
      """
      '\(text)' is not an address to listen on. \
      Give an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080.
      """
    case .inUse(let address):
      """
      Somebody else listens on \(address) already. \
      Stop them, or give another port (0 takes any that is free).
      """
    case .notPermitted(let address):
      """
      This user may not listen on \(address). \
      Take a port from 1024 on, or let the service manager grant it.
      """
    case .notHere(let address):
      """
      \(address) is not an address of this machine. \
      Give one that 'ip address' lists, or 0.0.0.0 for all.
      """
    case .stopped:
      "The server has been stopped. Make a new one."
    case .system(let call, let errno):
      """
      The system refused '\(call)' (errno \(errno)). \
      Look at the limits on open files and at the log of the system.
      """
    case .thread(let failure): failure.description
    }
  }
}
