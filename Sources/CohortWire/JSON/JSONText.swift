/// A small piece of JSON as a value, for answers that are put together in more than one place.
///
///     let page: JSONText = ["position": 41, "next": .null, "tags": ["a", "b"]]
///
/// Members keep the order in which they are given. Large answers are written with ``JSONWriter``.
package indirect enum JSONText: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case string(String)
  /// A string given as UTF-8.
  case utf8([UInt8])
  case array([JSONText])
  case object([Member])

  package struct Member: Hashable, Sendable {
    package let key: String
    package let value: JSONText

    package init(_ key: String, _ value: JSONText) {
      self.key = key
      self.value = value
    }
  }

  /// The text, without spaces.
  package var bytes: [UInt8] {
    var writer = JSONWriter()
    writer.text(self)
    return writer.bytes
  }
}

extension JSONWriter {
  /// Writes a piece of JSON as it stands.
  package mutating func text(_ value: JSONText) {
    switch value {
    case .null: null()
    case .bool(let value): bool(value)
    case .integer(let value): integer(value)
    case .string(let value): string(value)
    case .utf8(let value): string(utf8: value)
    case .array(let elements):
      array { for element in elements { $0.text(element) } }
    case .object(let members):
      object { for member in members { $0.member(member.key, member.value) } }
    }
  }
}

extension JSONText: ExpressibleByNilLiteral {
  package init(nilLiteral: ()) { self = .null }
}

extension JSONText: ExpressibleByBooleanLiteral {
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONText: ExpressibleByIntegerLiteral {
  package init(integerLiteral value: Int64) { self = .integer(value) }
}

extension JSONText: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self = .string(value) }
}

extension JSONText: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: JSONText...) { self = .array(elements) }
}

extension JSONText: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSONText)...) {
    self = .object(elements.map { Member($0, $1) })
  }
}
