/// The methods that HTTP has names for (RFC 9110 §9).
///
/// All others are answered 501.
package enum RequestMethod: String, Sendable, Hashable, CaseIterable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"
  case trace = "TRACE"
  case connect = "CONNECT"
}

/// The first part of a request: all but its body.
///
/// Invariant: well-formed by RFC 9112; one `Host`; the path begins with `/`, except in `*`.
package struct RequestHead: Sendable {
  package let method: RequestMethod
  /// Before any `?`, as it was sent: not decoded.
  package let path: [UInt8]
  /// Behind the first `?`, as it was sent; `nil` if there is none.
  package let query: [UInt8]?
  package let headers: Headers
  /// Who sent it.
  package let peer: Peer
  /// Numbers the requests of a server from 1; for the access log.
  package let number: UInt64

  package init(
    method: RequestMethod, path: [UInt8], query: [UInt8]?, headers: Headers, peer: Peer,
    number: UInt64
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.peer = peer
    self.number = number
  }
}

/// The fields of a head, in their order.
///
/// All names and values lie in one array, so that a head of many fields is two allocations.
package struct Headers: Sendable {
  private var bytes: [UInt8] = []
  private var entries: [Entry] = []

  private struct Entry {
    let name: Range<Int>
    let value: Range<Int>
  }

  package init() {}

  package var count: Int { entries.count }

  /// Names in lower case, values without white space around them.
  package var fields: [(name: [UInt8], value: [UInt8])] {
    entries.map { (Array(bytes[$0.name]), Array(bytes[$0.value])) }
  }

  package mutating func append(_ name: [UInt8], _ value: [UInt8]) {
    append(name: name.span, value: value.span)
  }

  /// The values of a name, given in lower case.
  package subscript(name: String) -> [[UInt8]] {
    var values: [[UInt8]] = []
    for entry in entries where matches(entry, name) { values.append(Array(bytes[entry.value])) }
    return values
  }

  /// The value of a name that stands there once; `nil` if it is missing or comes twice.
  package func only(_ name: String) -> [UInt8]? {
    var found: Entry?
    for entry in entries where matches(entry, name) {
      guard found == nil else { return nil }
      found = entry
    }
    return found.map { Array(bytes[$0.value]) }
  }

  /// Appends a field whose name may be in any case.
  mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
    if bytes.isEmpty {
      bytes.reserveCapacity(256)
      entries.reserveCapacity(8)
    }
    let start = bytes.count
    for index in name.indices { bytes.append(Byte.lowercase(name[index])) }
    let middle = bytes.count
    bytes.append(copying: value)
    entries.append(Entry(name: start..<middle, value: middle..<bytes.count))
  }

  /// Puts another value in the place of all that the name has.
  mutating func set(_ name: String, to value: [UInt8]) {
    entries = entries.filter { !matches($0, name) }
    append(Array(name.utf8), value)
  }

  private func matches(_ entry: Entry, _ name: String) -> Bool {
    let wanted = name.utf8.span
    guard entry.name.count == wanted.count else { return false }
    let start = entry.name.lowerBound
    for index in wanted.indices where bytes[start + index] != wanted[index] { return false }
    return true
  }
}

/// Who is at the other end.
package enum Peer: Sendable, Hashable {
  /// 4 bytes of IPv4, or 16 of IPv6 (an IPv4 address mapped into IPv6 is told as IPv4).
  case address([UInt8], port: UInt16)
  /// A process on this machine, through a Unix-domain socket.
  case local
}

/// A request with its whole body.
package struct Request: Sendable {
  package let head: RequestHead
  package let body: [UInt8]

  package init(head: RequestHead, body: [UInt8]) {
    self.head = head
    self.body = body
  }
}

/// An answer.
///
/// The server adds `Date`, `Content-Length` or `Transfer-Encoding`, and `Connection`.
package struct Response: Sendable {
  package var status: Int
  /// Names and values as they are to be sent.
  ///
  /// Values must not hold control characters: such a
  /// field is left out, and never ends a line.
  package var headers: [(name: String, value: String)]
  package var body: Body
  /// Whether the connection ends with this answer.
  package var closes: Bool

  package enum Body: Sendable {
    case bytes([UInt8])
    /// In chunks, or with a length if it is known.
    case source(any BodySource, length: UInt64?)
  }

  package init(
    status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
    closes: Bool = false
  ) {
    self.init(status: status, headers: headers, body: .bytes(body), closes: closes)
  }

  package init(
    status: Int, headers: [(name: String, value: String)] = [], body: Body, closes: Bool = false
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.closes = closes
  }
}
