/// Writes the head of an answer.
enum ResponseWriter {
  enum Framing: Equatable {
    /// Neither a body nor its length: 1xx, 204, 304.
    case none
    case length(UInt64)
    case chunked
    /// The body ends with the connection: for HTTP/1.0.
    case untilClose
  }

  static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
  static let lastChunk = Array("0\r\n\r\n".utf8)

  /// The bytes up to the empty line, with room for `extra` more.
  static func head(
    _ response: Response, framing: Framing, connection: String?, date: [UInt8], extra: Int = 0
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(160 + response.headers.count * 48 + extra)
    bytes.append(contentsOf: "HTTP/1.1 ".utf8)
    let status = (100...999).contains(response.status) ? response.status : 500
    bytes.append(decimal: UInt64(status))
    bytes.append(Byte.space)
    bytes.append(contentsOf: StatusText.of(status).utf8)
    bytes.append(contentsOf: "\r\nDate: ".utf8)
    bytes.append(contentsOf: date)
    for field in response.headers { append(field.name, field.value, to: &bytes) }
    switch framing {
    case .none, .untilClose: break
    case .length(let length):
      bytes.append(contentsOf: "\r\nContent-Length: ".utf8)
      bytes.append(decimal: length)
    case .chunked:
      bytes.append(contentsOf: "\r\nTransfer-Encoding: chunked".utf8)
    }
    if let connection {
      bytes.append(contentsOf: "\r\nConnection: ".utf8)
      bytes.append(contentsOf: connection.utf8)
    }
    bytes.append(contentsOf: "\r\n\r\n".utf8)
    return bytes
  }

  /// What stands before the bytes of a chunk.
  static func chunkHead(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(hexadecimal: UInt64(count))
    bytes.append(Byte.carriageReturn)
    bytes.append(Byte.lineFeed)
    return bytes
  }

  /// Appends a field, unless its name is no token, its value holds a control character, or it is
  /// one of those that only the server knows.
  private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
    guard !name.isEmpty, name.utf8.allSatisfy(Byte.isToken),
      !value.utf8.contains(where: Byte.isControl), !isOurs(name)
    else { return }
    bytes.append(Byte.carriageReturn)
    bytes.append(Byte.lineFeed)
    bytes.append(contentsOf: name.utf8)
    bytes.append(Byte.colon)
    bytes.append(Byte.space)
    bytes.append(contentsOf: value.utf8)
  }

  private static func isOurs(_ name: String) -> Bool {
    let name = name.utf8.span
    return switch name.count {
    case 4: name.matches("date")
    case 10: name.matches("connection")
    case 14: name.matches("content-length")
    case 17: name.matches("transfer-encoding")
    default: false
    }
  }
}

/// The words behind a status, for people.
enum StatusText {
  static func of(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 206: "Partial Content"
    case 303: "See Other"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 416: "Range Not Satisfiable"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 428: "Precondition Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    case 507: "Insufficient Storage"
    // RFC 9112 §4: the words may be missing, the space before them not.
    default: ""
    }
  }
}
