package import CohortModel
package import CohortWire

/// The members of one object of a file, asked for by name.
///
/// A null is as good as absent. Messages call a field by its whole path, as in
/// `destination.endpoint`. Values are never repeated in messages: one could be a key in the wrong
/// place.
package struct FileFields: Sendable {
  private let object: JSONValue
  private let place: String?

  /// - Throws: ``SyncFileError`` unless `object` is an object whose fields are among `known`.
  package init(
    _ object: JSONValue, at place: String? = nil, known: [String]
  ) throws(SyncFileError) {
    guard object.kind == .object else {
      throw .wrong(place ?? "the file", "an object")
    }
    (self.object, self.place) = (object, place)
    for (key, _) in object.members {
      let text = String(decoding: object.bytes[key], as: UTF8.self)
      guard !known.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else { continue }
      let nearest = NearestText.nearest(to: text, in: known)
      throw .unknownField(
        name(Self.cut(text)), nearest: nearest.map { name($0) })
    }
  }

  private static func cut(_ text: String) -> String {
    TerminalText.escaped(String(text.prefix(64)))
  }

  /// The whole name of a field.
  package func name(_ key: String) -> String { place.map { "\($0).\(key)" } ?? key }

  package subscript(key: String) -> JSONValue? {
    guard let value = object[key], !value.isNull else { return nil }
    return value
  }

  package func require(_ key: String, _ what: String) throws(SyncFileError) -> JSONValue {
    guard let value = self[key] else { throw .missing(name(key), what) }
    return value
  }

  /// A string that is not empty and has no U+0000.
  package func text(_ key: String, _ what: String = "a text") throws(SyncFileError) -> String {
    let value = try require(key, what)
    guard let text = value.string, !text.isEmpty, !text.contains(0) else {
      throw .wrong(name(key), what)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The name of a cohort, or its id: 1 to 1,024 bytes.
  package func shortText(_ key: String) throws(SyncFileError) -> Text {
    let text = Text(try text(key))
    guard text.bytes.count <= PersonalText.sizeMax else {
      throw .wrong(name(key), "a text of at most 1024 bytes")
    }
    return text
  }

  package func bool(_ key: String) throws(SyncFileError) -> Bool? {
    guard let value = self[key] else { return nil }
    guard let bool = value.bool else { throw .wrong(name(key), "true or false") }
    return bool
  }

  /// A program with its arguments.
  package func command(_ key: String) throws(SyncFileError) -> [String] {
    let what = "an array of texts, the program first"
    let value = try require(key, what)
    var words: [String] = []
    for element in value.elements {
      guard let text = element.string, !text.contains(0) else { throw .wrong(name(key), what) }
      words.append(String(decoding: text, as: UTF8.self))
    }
    guard let program = words.first, !program.isEmpty else { throw .wrong(name(key), what) }
    return words
  }

  /// The one of some fields that is given.
  package func one(of keys: [String]) throws(SyncFileError) -> String {
    let given = keys.filter { self[$0] != nil }
    guard given.count == 1 else {
      throw .notOne(place ?? "the file", of: keys, given: given.count)
    }
    return given[0]
  }

  /// A place from which a key is read.
  package func secret(_ key: String) throws(SyncFileError) -> SecretSource {
    let value = try require(key, "{\"env\":\"NAME\"} or {\"file\":\"PATH\"}")
    guard value.kind == .object else { throw .literalSecret(name(key)) }
    let fields = try FileFields(value, at: name(key), known: ["env", "file"])
    switch try fields.one(of: ["env", "file"]) {
    case "env":
      let variable = try fields.text("env", "the name of a variable of the environment")
      guard !variable.utf8.contains(UInt8(ascii: "=")) else {
        throw .wrong(fields.name("env"), "the name of a variable of the environment")
      }
      return .environment(variable)
    default: return .file(try fields.text("file", "the path of a file"))
    }
  }
}
