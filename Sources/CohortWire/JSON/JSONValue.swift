package import CohortModel

/// One value of a document: a place on its tape.
///
/// Copying costs two reference counts. A value keeps its document's memory alive, and stays what
/// it is when the document goes on to read another text.
package struct JSONValue: Sendable {
  /// The buffer into which all ranges of the document point.
  package let bytes: [UInt8]
  let entries: [JSONEntry]
  let index: Int

  package var kind: JSONKind { entries[index].kind }
  package var isNull: Bool { kind == .null }

  /// `nil` unless this is `true` or `false`.
  package var bool: Bool? {
    switch kind {
    case .true: true
    case .false: false
    case .null, .number, .string, .array, .object: nil
    }
  }

  /// Where in ``bytes`` the text of this string lies, without quotes and escapes.
  package var text: TextRange? { entries[index].isString ? entries[index].text : nil }

  /// The text of this string, sharing the memory of the document.
  package var string: ArraySlice<UInt8>? { text.map { bytes[$0] } }

  /// The elements of an array or members of an object; 0 for anything else.
  package var count: Int { entries[index].isContainer ? entries[index].second : 0 }

  /// The entry behind this value and all that it contains.
  private var end: Int { entries[index].isContainer ? entries[index].first : index + 1 }

  private func value(at index: Int) -> JSONValue {
    JSONValue(bytes: bytes, entries: entries, index: index)
  }
}

// MARK: - Objects

extension JSONValue {
  /// The value of a member, `nil` if this is no object or has no such key.
  ///
  /// Takes a step for each member before it.
  package subscript(key: String) -> JSONValue? {
    guard kind == .object else { return nil }
    let (wanted, text, end) = (key.utf8.span, bytes.span, end)
    var at = index + 1
    while at < end {
      let (key, member) = (entries[at], entries[at + 1])
      if key.second == wanted.count, Self.isEqual(text, key.first, wanted) {
        return value(at: at + 1)
      }
      at = member.isContainer ? member.first : at + 2
    }
    return nil
  }

  private static func isEqual(_ text: Span<UInt8>, _ start: Int, _ key: Span<UInt8>) -> Bool {
    for at in 0..<key.count where text[start + at] != key[at] { return false }
    return true
  }

  /// The members of an object in the order of the text; none for anything else.
  package var members: Members {
    Members(index: kind == .object ? index + 1 : end, end: end, object: self)
  }

  package struct Members: Sequence, IteratorProtocol, Sendable {
    fileprivate var index: Int
    fileprivate let end: Int
    fileprivate let object: JSONValue

    package mutating func next() -> (key: TextRange, value: JSONValue)? {
      guard index < end else { return nil }
      let member = (key: object.entries[index].text, value: object.value(at: index + 1))
      index = member.value.end
      return member
    }
  }
}

// MARK: - Arrays

extension JSONValue {
  /// The elements of an array in order; none for anything else.
  package var elements: Elements {
    Elements(index: kind == .array ? index + 1 : end, end: end, array: self)
  }

  package struct Elements: Sequence, IteratorProtocol, Sendable {
    fileprivate var index: Int
    fileprivate let end: Int
    fileprivate let array: JSONValue

    package mutating func next() -> JSONValue? {
      guard index < end else { return nil }
      let element = array.value(at: index)
      index = element.end
      return element
    }
  }

  /// Appends where in ``bytes`` each string of this array lies, about a nanosecond each.
  ///
  /// - Returns: `false` if this is no array, or one with an element that is not a string; then
  ///   `ranges` is as it was.
  package func stringRanges(into ranges: inout [TextRange]) -> Bool {
    guard kind == .array else { return false }
    let before = ranges.count
    ranges.reserveCapacity(before + count)
    for at in index + 1..<end {
      let entry = entries[at]
      guard entry.isString else {
        ranges.removeSubrange(before...)
        return false
      }
      ranges.append(entry.text)
    }
    return true
  }
}
