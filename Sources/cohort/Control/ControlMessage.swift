import CohortModel

/// What goes over the control socket: one request of the terminal, one reply of the server.
///
///     0        8        12
///     │ magic  │ length │ body … │      all numbers little-endian, texts as length (4) and UTF-8
///
///     request  version · folder · count, then for each file: name · errno · count, words
///     reply    exit code (4) · words
///
/// With the first byte of a request come copies of standard input, output and error, and of each
/// file that could be opened. The first twelve bytes and the version stay what they are in every
/// release, so that two releases can say to each other that they are two.
enum ControlMessage {
  static let magic = Array("cohort/c".utf8)
  static var headSize: Int { magic.count + 4 }
  /// More than a system lets anybody pass to a program in one command line (`ARG_MAX`).
  static var bodySizeMax: Int { 4 << 20 }
  /// What can be sent at once is more (`SCM_MAX_FD`); no command has so many operands.
  static var descriptorsMax: Int { 64 }

  /// How long the body behind a head is; `nil` if this is no head.
  static func bodySize(_ head: [UInt8]) -> Int? {
    guard head.count == headSize, head.starts(with: magic) else { return nil }
    var reader = ControlReader(Array(head[magic.count...]))
    guard let size = reader.number(), size <= bodySizeMax else { return nil }
    return Int(size)
  }

  fileprivate static func framed(_ body: [UInt8]) -> [UInt8] {
    var bytes = magic
    bytes.append(number: UInt32(clamping: body.count))
    return bytes + body
  }
}

/// A command that the terminal hands to a server.
struct ControlRequest: Hashable {
  /// A file that the command line names, opened by whoever may read it there.
  struct File: Hashable {
    let name: String
    /// Why it could not be opened; 0 if its descriptor comes along.
    let reason: Int32
  }

  var version: String
  /// What paths in the command line start from; empty if the system does not say.
  var folder: String
  var files: [File]
  var words: [String]

  var bytes: [UInt8] {
    var body: [UInt8] = []
    body.append(text: version)
    body.append(text: folder)
    body.append(number: UInt32(clamping: files.count))
    for file in files {
      body.append(text: file.name)
      body.append(number: UInt32(bitPattern: file.reason))
    }
    body.append(number: UInt32(clamping: words.count))
    for word in words { body.append(text: word) }
    return ControlMessage.framed(body)
  }

  /// How many descriptors come with it.
  var descriptorCount: Int { 3 + files.count { $0.reason == 0 } }
}

extension ControlRequest {
  /// The version alone: what there is to know about a request of another release.
  static func version(of body: [UInt8]) -> String? {
    var reader = ControlReader(body)
    return reader.text()
  }

  /// Reads a body.
  ///
  /// - Returns: `nil` if it is anything else than what ``bytes`` makes.
  init?(body: [UInt8]) {
    var reader = ControlReader(body)
    guard let version = reader.text(), let folder = reader.text(), let fileCount = reader.number()
    else { return nil }
    var files: [File] = []
    for _ in 0..<fileCount {
      guard let name = reader.text(), let reason = reader.number() else { return nil }
      files.append(File(name: name, reason: Int32(bitPattern: reason)))
    }
    guard let wordCount = reader.number() else { return nil }
    var words: [String] = []
    for _ in 0..<wordCount {
      guard let word = reader.text() else { return nil }
      words.append(word)
    }
    guard reader.isAtEnd else { return nil }
    self.init(version: version, folder: folder, files: files, words: words)
  }
}

/// What a command came to.
struct ControlReply: Hashable {
  var code: Int32
  /// Why the command did not run, for the terminal to say; empty if it ran.
  var words: String

  init(_ code: ExitCode) { (self.code, words) = (code.rawValue, "") }

  init(_ failure: Failure) { (code, words) = (failure.code.rawValue, failure.message) }

  var bytes: [UInt8] {
    var body: [UInt8] = []
    body.append(number: UInt32(bitPattern: code))
    body.append(text: words)
    return ControlMessage.framed(body)
  }

  init?(body: [UInt8]) {
    var reader = ControlReader(body)
    guard let code = reader.number(), let words = reader.text(), reader.isAtEnd else { return nil }
    (self.code, self.words) = (Int32(bitPattern: code), words)
  }
}

/// Reads numbers and texts from front to back.
private struct ControlReader {
  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  var isAtEnd: Bool { bytes.isEmpty }

  mutating func number() -> UInt32? {
    guard bytes.count >= 4 else { return nil }
    defer { bytes = bytes.dropFirst(4) }
    return bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func text() -> String? {
    guard let count = number(), count <= bytes.count else { return nil }
    defer { bytes = bytes.dropFirst(Int(count)) }
    return String(validating: bytes.prefix(Int(count)), as: UTF8.self)
  }
}

extension [UInt8] {
  fileprivate mutating func append(number: UInt32) {
    for shift in [0, 8, 16, 24] as [UInt32] { append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  fileprivate mutating func append(text: String) {
    append(number: UInt32(clamping: text.utf8.count))
    append(contentsOf: text.utf8)
  }
}
