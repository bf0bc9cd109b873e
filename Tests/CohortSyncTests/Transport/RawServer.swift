import CohortThreads
import Glibc
import Synchronization

/// A server of a few lines that sends exactly the bytes it is told to, and may cut any connection.
final class RawServer: Sendable {
  enum Reply: Sendable {
    case bytes(String)
    /// Sent, and then the connection is closed.
    case cut(String)
    /// Nothing is sent, until the server ends.
    case silence
  }

  let port: UInt16
  private let listener: Int32
  private let requests = Mutex<[String]>([])
  private let held = Mutex<[Int32]>([])
  private let acceptor = Mutex<Thread?>(nil)
  private let readsBodies: Bool
  private let reply: @Sendable (_ head: String) -> Reply

  /// Serves on a port of its own; without reading bodies it answers heads.
  init(readsBodies: Bool = true, _ reply: @escaping @Sendable (String) -> Reply) throws {
    self.readsBodies = readsBodies
    let stream = Int32(SOCK_STREAM.rawValue)
    let listener = socket(AF_INET, stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(listener, address, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard isBound else { throw NoPort() }
    (self.listener, port) = (listener, UInt16(bigEndian: address.sin_port))
    self.reply = reply
    let thread = try Thread("raw-server") { [self] in accept() }
    acceptor.withLock { $0 = thread }
  }

  struct NoPort: Error {}

  var url: String { "http://127.0.0.1:\(port)" }

  /// Heads and bodies as they came.
  var seen: [String] { requests.withLock { $0 } }

  /// Ends it, and with it the connections that were left in silence.
  func end() {
    shutdown(listener, Int32(SHUT_RDWR))
    // Its number may be another server's as soon as it is closed: nobody may wait on it then.
    acceptor.withLock { $0.take() }?.join()
    close(listener)
    for descriptor in held.withLock({ $0 }) { close(descriptor) }
  }

  private func accept() {
    while true {
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { return }
      guard let thread = try? Thread("raw-client", { [self] in serve(client) }) else {
        close(client)
        continue
      }
      thread.detach()
    }
  }

  private func serve(_ client: Int32) {
    var bytes: [UInt8] = []
    while let request = next(client, &bytes) {
      requests.withLock { $0.append(request) }
      switch reply(request) {
      case .bytes(let text): write(text, to: client)
      case .cut(let text):
        write(text, to: client)
        close(client)
        return
      case .silence:
        held.withLock { $0.append(client) }
        return
      }
    }
    close(client)
  }

  /// Reads one request; `nil` at the end of the connection.
  private func next(_ client: Int32, _ bytes: inout [UInt8]) -> String? {
    while true {
      if let end = bytes.indices.first(where: { bytes[$0...].starts(with: "\r\n\r\n".utf8) }) {
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        var length = 0
        for line in head.split(separator: "\r\n") {
          let parts = line.split(separator: ":")
          if readsBodies, parts[0].lowercased() == "content-length", parts.count == 2 {
            length = Int(parts[1].drop { $0 == " " }) ?? 0
          }
        }
        if bytes.count >= end + 4 + length {
          let request = String(decoding: bytes[..<(end + 4 + length)], as: UTF8.self)
          bytes.removeFirst(end + 4 + length)
          return request
        }
      }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe recv(client, $0.baseAddress, $0.count, 0)
      }
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
  }

  private func write(_ text: String, to client: Int32) {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe send(
          client, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }
}
