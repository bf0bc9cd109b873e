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
package struct Headers: Sendable {
  /// Names in lower case, values without white space around them.
  package private(set) var fields: [(name: [UInt8], value: [UInt8])] = []

  package init() {}

  package mutating func append(_ name: [UInt8], _ value: [UInt8]) { fields.append((name, value)) }

  /// The values of a name, given in lower case.
  package subscript(name: String) -> [[UInt8]] {
    fields.filter { $0.name.elementsEqual(name.utf8) }.map(\.value)
  }

  /// The value of a name that stands there once; `nil` if it is missing or comes twice.
  package func only(_ name: String) -> [UInt8]? {
    let values = self[name]
    return values.count == 1 ? values[0] : nil
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
