import CPlatform
import CohortHTTP
import Glibc

/// A client over a real socket that does exactly what it is told, wrong or right.
///
/// Its reads wait for ten seconds at most: a server that does not answer fails its test.
final class TestClient {
  private let descriptor: Int32
  private var read: [UInt8] = []

  init(_ address: BoundAddress, receiveBuffer: Int32? = nil) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    if var size = receiveBuffer {
      _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
    }
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = address.port.bigEndian
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = unsafe withUnsafePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe connect(descriptor, address, size)
      }
    }
  }

  deinit { _ = close(descriptor) }

  /// - Returns: Whether all of it was taken.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes[sent...].withUnsafeBytes { rest in
        unsafe Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Ends its half.
  func finish() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

  /// Goes away so that the server is told of an error.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    // Connecting to nothing takes an established connection down with a reset.
    var nothing = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: sockaddr().sa_data)
    _ = unsafe connect(descriptor, &nothing, socklen_t(MemoryLayout<sockaddr>.size))
  }

  /// The next bytes; none at the end, or if nothing comes in time.
  private func more() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe buffer.withUnsafeMutableBytes { place in
      unsafe recv(descriptor, place.baseAddress, place.count, 0)
    }
    guard count > 0 else { return false }
    read += buffer[..<count]
    return true
  }

  /// Everything up to the end.
  func readToEnd() -> String {
    while more() {}
    defer { read = [] }
    return String(decoding: read, as: UTF8.self)
  }

  /// Whether the server ends the connection without another byte.
  func isAtEnd() -> Bool { readToEnd().isEmpty }

  /// At least `count` more bytes, thrown away.
  func skip(_ count: Int) -> Bool {
    var rest = count
    while rest > read.count {
      rest -= read.count
      read = []
      if !more() { return false }
    }
    read.removeFirst(rest)
    return true
  }

  /// Whether the last chunk comes.
  func readToEndOfChunks() -> Bool {
    let end = Array("0\r\n\r\n".utf8)
    while !read.suffix(5).elementsEqual(end) { if !more() { return false } }
    read = []
    return true
  }

  struct Answer: Equatable {
    var status = 0
    var fields: [String: String] = [:]
    var body = ""
    var isWhole = true
  }

  /// The next answer, whole; `nil` if none comes.
  func answer(toHead: Bool = false) -> Answer? {
    let end = Array("\r\n\r\n".utf8)
    var start: Int?
    while start == nil {
      start = read.indices.first { read[$0...].starts(with: end) }
      if start == nil, !more() { return nil }
    }
    guard let start else { return nil }
    let lines = String(decoding: read[..<start], as: UTF8.self).split(separator: "\r\n")
    read.removeFirst(start + 4)
    var answer = Answer()
    answer.status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      answer.fields[line[..<colon].lowercased()] = String(value)
    }
    if toHead || answer.status < 200 || answer.status == 204 || answer.status == 304 {
      return answer
    }
    if let length = answer.fields["content-length"].flatMap({ Int($0) }) {
      while read.count < length, more() {}
      answer.isWhole = read.count >= length
      answer.body = String(decoding: read.prefix(length), as: UTF8.self)
      read.removeFirst(min(length, read.count))
    } else if answer.fields["transfer-encoding"] == "chunked" {
      readChunks(&answer)
    } else {
      answer.body = readToEnd()
    }
    return answer
  }

  private func readChunks(_ answer: inout Answer) {
    while true {
      var line: Int?
      while line == nil {
        line = read.indices.first { read[$0...].starts(with: [13, 10]) }
        if line == nil, !more() {
          answer.isWhole = false
          return
        }
      }
      let digits = String(decoding: read[..<(line ?? 0)], as: UTF8.self)
      let size = Int(digits, radix: 16) ?? 0
      let total = (line ?? 0) + 2 + size + 2
      while read.count < total {
        if !more() {
          answer.isWhole = false
          return
        }
      }
      answer.body += String(decoding: read[((line ?? 0) + 2)..<(total - 2)], as: UTF8.self)
      read.removeFirst(total)
      if size == 0 { return }
    }
  }
}
