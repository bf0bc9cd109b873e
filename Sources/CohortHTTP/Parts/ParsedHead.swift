/// A head as it was read, and what it means for the bytes behind it.
struct ParsedHead {
  var method = RequestMethod.get
  var path: [UInt8] = []
  var query: [UInt8]?
  var headers = Headers()
  /// HTTP/1.0, which has no chunks, no 100 and closes unless it is asked not to.
  var isOneZero = false
  var framing = Framing.none
  /// Whether another request may come behind it.
  var keepsAlive = true
  var expectsContinue = false

  /// How long the body is.
  enum Framing: Hashable {
    case none
    /// At least 1.
    case length(UInt64)
    case chunked
  }
}

/// What is known of a head while its lines come.
///
/// Lines are taken whole, in their order; each is checked by itself, and when the empty one has
/// come ``finish()`` checks them against each other. Whatever makes it doubtful where the body ends
/// is refused: that doubt is what request smuggling lives on.
struct HeadDraft {
  static let fieldsMax = 100
  static let lineMax = 8_192
  static let blockMax = 32_768
  static let targetMax = 8_192
  /// OPTIONS, two spaces, HTTP/1.1, and room for a longer method to be told by its name.
  static let requestLineMax = targetMax + 64

  private(set) var head = ParsedHead()
  private(set) var hasRequestLine = false
  /// Whether the request line, good or bad, begins with HEAD.
  private(set) var isHead = false
  private var hasBlank = false
  private var block = 0
  private var hosts = 0
  private var authority: [UInt8]?
  private var length: UInt64?
  private var isChunked = false
  private var closes = false
  private var staysOpen = false

  /// How long the next line may be, without CR LF, and what it is if it is longer.
  var lineLimit: (bytes: Int, fault: HTTPFault) {
    guard hasRequestLine else { return (Self.requestLineMax, .targetTooLong) }
    let rest = max(0, Self.blockMax - block - 2)
    return rest < Self.lineMax ? (rest, .blockTooLong) : (Self.lineMax, .fieldTooLong)
  }

  /// Whether all that has come is the empty line that is forgiven.
  var isBlank: Bool { hasBlank && !hasRequestLine }

  /// Takes a line without its CR LF and without control characters.
  ///
  /// - Returns: Whether it was the last.
  mutating func take(_ line: Span<UInt8>) throws(HTTPFault) -> Bool {
    guard hasRequestLine else {
      // RFC 9112 §2.2: one empty line before a request is forgiven.
      if line.isEmpty {
        guard !hasBlank else { throw .requestLine }
        hasBlank = true
        return false
      }
      isHead = Self.isHead(line)
      try takeRequestLine(line)
      hasRequestLine = true
      return false
    }
    if line.isEmpty {
      try finish()
      return true
    }
    block += line.count + 2
    guard head.headers.count < Self.fieldsMax else { throw .tooManyFields }
    try takeField(line)
    return false
  }

  /// Whether this is how the request line of a HEAD begins.
  static func isHead(_ line: Span<UInt8>) -> Bool {
    line.count > 4 && RequestMethod.named(line.extracting(..<4)) == .head && line[4] == Byte.space
  }

  private mutating func takeRequestLine(_ line: Span<UInt8>) throws(HTTPFault) {
    guard let first = line.firstIndex(of: Byte.space),
      let second = line.firstIndex(of: Byte.space, from: first + 1)
    else { throw .requestLine }
    let method = line.extracting(..<first)
    let target = line.extracting((first + 1)..<second)
    let version = line.extracting((second + 1)...)
    guard !method.isEmpty, !target.isEmpty else { throw .requestLine }
    for index in method.indices where !Byte.isToken(method[index]) { throw .requestLine }
    guard target.count <= Self.targetMax else { throw .targetTooLong }

    // HTTP/d.d, in capitals
    guard version.count == 8, version.extracting(..<5).matches("http/"), version[0] == 0x48,
      version[1] == 0x54, version[2] == 0x54, version[3] == 0x50, Byte.isDigit(version[5]),
      version[6] == 0x2E, Byte.isDigit(version[7])
    else { throw .requestLine }
    guard version[5] == 0x31 else { throw .version }
    head.isOneZero = version[7] == 0x30

    guard let known = RequestMethod.named(method), known != .connect else { throw .method }
    head.method = known
    let parts = try RequestTarget.read(target, of: known)
    head.path = parts.path
    head.query = parts.query
    authority = parts.authority
  }

  private mutating func takeField(_ line: Span<UInt8>) throws(HTTPFault) {
    guard !Byte.isSpace(line[0]) else { throw .foldedField }
    var colon = 0
    while colon < line.count, Byte.isToken(line[colon]) { colon += 1 }
    guard colon > 0, colon < line.count, line[colon] == Byte.colon else { throw .fieldName }
    let name = line.extracting(..<colon)
    let value = line.extracting(line.trimmed((colon + 1)..<line.count))
    switch colon {
    case 4 where name.matches("host"):
      hosts += 1
      guard hosts == 1, RequestTarget.isAuthority(value) else { throw .host }
    case 6 where name.matches("expect"):
      guard !head.expectsContinue, value.matches("100-continue") else { throw .expectation }
      head.expectsContinue = true
    case 10 where name.matches("connection"):
      takeConnection(value)
    case 14 where name.matches("content-length"):
      guard length == nil, let number = Self.decimal(value) else { throw .contentLength }
      length = number
    case 17 where name.matches("transfer-encoding"):
      guard !isChunked, value.matches("chunked") else { throw .transferEncoding }
      isChunked = true
    default: break
    }
    head.headers.append(name: name, value: value)
  }

  // Connection: close, Upgrade
  private mutating func takeConnection(_ value: Span<UInt8>) {
    var start = 0
    while start <= value.count {
      let end = value.firstIndex(of: Byte.comma, from: start) ?? value.count
      let option = value.extracting(value.trimmed(start..<end))
      if option.matches("close") { closes = true }
      if option.matches("keep-alive") { staysOpen = true }
      start = end + 1
    }
  }

  /// 1 to 19 digits below 2^63, the first not 0 unless it is the only one.
  ///
  /// RFC 9112 allows zeros in front; whoever reads them as octal sees another body.
  private static func decimal(_ value: Span<UInt8>) -> UInt64? {
    guard (1...19).contains(value.count), value.count == 1 || value[0] != 0x30 else { return nil }
    var number: UInt64 = 0
    for index in value.indices {
      guard Byte.isDigit(value[index]) else { return nil }
      number = number * 10 + UInt64(value[index] - 0x30)
    }
    return number < 1 << 63 ? number : nil
  }

  private mutating func finish() throws(HTTPFault) {
    guard hosts == 1 || head.isOneZero else { throw .host }
    // RFC 9112 §3.2.2: what the target names counts, whatever the field says.
    if let authority { head.headers.set("host", to: authority) }
    guard length == nil || !isChunked else { throw .twoFramings }
    // An HTTP/1.0 proxy on the way does not know chunks, and would pass them on as it likes.
    guard !isChunked || !head.isOneZero else { throw .transferEncoding }
    head.framing = isChunked ? .chunked : length.map { $0 == 0 ? .none : .length($0) } ?? .none
    head.keepsAlive = !closes && (!head.isOneZero || staysOpen)
    if head.isOneZero || head.framing == .none { head.expectsContinue = false }
  }
}

extension RequestMethod {
  /// By its name, in capitals.
  static func named(_ name: Span<UInt8>) -> RequestMethod? {
    for method in allCases {
      let wanted = method.rawValue.utf8
      guard wanted.count == name.count else { continue }
      var index = 0
      for byte in wanted {
        if name[index] != byte { break }
        index += 1
      }
      if index == name.count { return method }
    }
    return nil
  }
}
