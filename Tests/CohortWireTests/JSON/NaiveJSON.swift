import CohortWire

/// A JSON value as the slowest possible reader sees it.
indirect enum NaiveJSON: Hashable {
  case null
  case bool(Bool)
  case number(String)
  case string([UInt8])
  case array([NaiveJSON])
  case object([Member])

  struct Member: Hashable {
    let key: [UInt8]
    let value: NaiveJSON
  }
}

/// The grammar of RFC 8259 and the policy of the contract, written down once more.
///
/// Recursive, on arrays of scalars, with the standard library as the judge of UTF-8 and UTF-16.
/// It shares nothing with the real reader.
struct NaiveJSONReader {
  private let text: [Unicode.Scalar]
  private var at = 0

  static func read(_ bytes: [UInt8]) -> NaiveJSON? {
    guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
    var reader = NaiveJSONReader(text: Array(string.unicodeScalars))
    guard let value = reader.value(depth: 0), reader.at == reader.text.count else { return nil }
    return value
  }

  private init(text: [Unicode.Scalar]) { self.text = text }

  private var next: Unicode.Scalar? { at < text.count ? text[at] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    at += 1
    return true
  }

  private mutating func skipSpace() {
    while let next, " \n\r\t".unicodeScalars.contains(next) { at += 1 }
  }

  private mutating func value(depth: Int) -> NaiveJSON? {
    skipSpace()
    defer { skipSpace() }
    switch next {
    case "\"": return string().map { .string($0) }
    case "[": return depth < 64 ? array(depth: depth + 1) : nil
    case "{": return depth < 64 ? object(depth: depth + 1) : nil
    case "t": return word("true") ? .bool(true) : nil
    case "f": return word("false") ? .bool(false) : nil
    case "n": return word("null") ? .null : nil
    default: return number()
    }
  }

  private mutating func word(_ word: String) -> Bool {
    word.unicodeScalars.allSatisfy { take($0) }
  }

  private mutating func array(depth: Int) -> NaiveJSON? {
    at += 1
    skipSpace()
    var elements: [NaiveJSON] = []
    if take("]") { return .array(elements) }
    while true {
      guard let element = value(depth: depth) else { return nil }
      elements.append(element)
      if take("]") { return .array(elements) }
      guard take(",") else { return nil }
    }
  }

  private mutating func object(depth: Int) -> NaiveJSON? {
    at += 1
    skipSpace()
    var members: [NaiveJSON.Member] = []
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard let key = string(), !members.contains(where: { $0.key == key }) else { return nil }
      skipSpace()
      guard take(":"), let value = value(depth: depth) else { return nil }
      members.append(NaiveJSON.Member(key: key, value: value))
      if take("}") { return .object(members) }
      guard take(",") else { return nil }
    }
  }

  private mutating func string() -> [UInt8]? {
    guard take("\"") else { return nil }
    var units: [UInt16] = []
    while let scalar = next {
      at += 1
      switch scalar {
      case "\"": return String(validating: units, as: UTF16.self).map { Array($0.utf8) }
      case "\\":
        guard let unit = escape() else { return nil }
        units.append(unit)
      case "\0"..<" ": return nil
      default: units += UTF16.encode(scalar).map(Array.init) ?? []
      }
    }
    return nil
  }

  private mutating func escape() -> UInt16? {
    guard let letter = next else { return nil }
    at += 1
    let simple: [Unicode.Scalar: UInt16] = [
      "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
    ]
    if letter != "u" { return simple[letter] }
    let digits = text[at...].prefix(4)
    at += digits.count
    guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
    return UInt16(String(String.UnicodeScalarView(digits)), radix: 16)
  }

  private mutating func number() -> NaiveJSON? {
    let start = at
    func digits() -> Int { text[at...].prefix { ("0"..."9").contains($0) }.count }
    _ = take("-")
    let whole = digits()
    guard whole > 0, whole == 1 || next != "0" else { return nil }
    at += whole
    if take(".") {
      guard digits() > 0 else { return nil }
      at += digits()
    }
    if take("e") || take("E") {
      _ = take("+") || take("-")
      guard digits() > 0 else { return nil }
      at += digits()
    }
    return .number(String(String.UnicodeScalarView(text[start..<at])))
  }
}

extension NaiveJSON {
  /// What the real reader saw, walked through its cursors.
  init(_ value: JSONValue) {
    switch value.kind {
    case .null: self = .null
    case .false: self = .bool(false)
    case .true: self = .bool(true)
    case .number: self = .number(String(decoding: value.numberText ?? [], as: UTF8.self))
    case .string: self = .string(Array(value.string ?? []))
    case .array: self = .array(value.elements.map(NaiveJSON.init))
    case .object:
      self = .object(
        value.members.map { Member(key: Array(value.bytes[$0.key]), value: NaiveJSON($0.value)) })
    }
  }

  /// The real reader's view of a text, `nil` if it refuses it.
  static func real(_ bytes: [UInt8]) -> NaiveJSON? {
    (try? JSONDocument(parsing: bytes)).map { NaiveJSON($0.root) }
  }
}
