internal import CohortModel

extension JSONValue {
  /// The body of a request.
  ///
  /// - Throws: ``WireError`` unless it is an object.
  package func requireBody() throws(WireError) {
    guard kind != .object else { return }
    let offset = bytes.firstIndex { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D } ?? 0
    throw WireError(
      400, "Byte \(offset) of the JSON does not begin an object. Send one object.",
      [JSONText.Member("offset", .integer(Int64(offset)))])
  }

  /// The value of a member; `nil` also for a null, which is as good as absent.
  func given(_ key: String) -> JSONValue? {
    guard let value = self[key], !value.isNull else { return nil }
    return value
  }

  /// The text of this string as a value of its own.
  var ownText: Text? { string.map { Text(bytes: Array($0)) } }

  /// The first key of the object that is none of `known`.
  func firstUnknownKey(known: [String]) -> ArraySlice<UInt8>? {
    // A few members against a few names, on the tape: no value is made for what is known.
    let text = bytes.span
    var at = index + 1
    let end = kind == .object ? entries[index].first : at
    while at < end {
      let (key, value) = (entries[at], entries[at + 1])
      guard known.contains(where: { Self.isKey(key, $0.utf8.span, text) }) else {
        return bytes[key.text]
      }
      at = value.isContainer ? value.first : at + 2
    }
    return nil
  }
}

/// The members of one object of a request, asked for by name.
///
/// A null is as good as absent. Messages call a field by its whole path, as in `audience.filter`.
struct Fields {
  let object: JSONValue
  private let prefix: String

  /// Takes the members of an object.
  ///
  /// - Parameters:
  ///   - object: The value that should be an object.
  ///   - place: Where it stands; `nil` for the body itself.
  ///   - known: The fields there are; any other is refused, with the nearest name.
  /// - Throws: ``WireError`` unless `object` is an object with known fields.
  init(_ object: JSONValue, at place: String? = nil, known: [String]) throws(WireError) {
    self.object = object
    prefix = place.map { $0 + "." } ?? ""
    guard object.kind == .object else { throw .notA("an object", place ?? "body") }
    if let key = object.firstUnknownKey(known: known) {
      throw .unknown("field", key, known: known)
    }
  }

  /// The whole name of a field.
  func name(_ key: String) -> String { prefix + key }

  subscript(key: String) -> JSONValue? { object.given(key) }

  func require(_ key: String, _ what: String) throws(WireError) -> JSONValue {
    guard let value = self[key] else { throw .missing(name(key), what) }
    return value
  }

  func text(_ key: String) throws(WireError) -> Text? {
    guard let value = self[key] else { return nil }
    guard let text = value.ownText else { throw .notA("a string", name(key)) }
    return text
  }

  func requiredText(_ key: String) throws(WireError) -> Text {
    guard let text = try text(key) else { throw .missing(name(key), "a string") }
    return text
  }

  func bool(_ key: String) throws(WireError) -> Bool? {
    guard let value = self[key] else { return nil }
    guard let bool = value.bool else { throw .notA("true or false", name(key)) }
    return bool
  }

  /// A number from 0 up, that fits into 32 bits.
  func number(_ key: String) throws(WireError) -> UInt32? {
    guard let value = self[key] else { return nil }
    guard let number = value.unsignedInteger.flatMap(UInt32.init(exactly:)) else {
      throw .notA("a whole number from 0 to 4294967295", name(key))
    }
    return number
  }

  func instant(_ key: String) throws(WireError) -> Instant? {
    guard let value = self[key] else { return nil }
    guard let instant = value.string.flatMap({ Instant(text: $0.span) }) else {
      throw .notA("a time such as \"2026-11-21T00:41:59Z\"", name(key))
    }
    return instant
  }

  func texts(_ key: String) throws(WireError) -> [Text]? {
    guard let value = self[key] else { return nil }
    guard value.kind == .array else { throw .notA("an array of strings", name(key)) }
    var texts: [Text] = []
    texts.reserveCapacity(value.count)
    for element in value.elements {
      guard let text = element.ownText else { throw .notA("an array of strings", name(key)) }
      texts.append(text)
    }
    return texts
  }
}
