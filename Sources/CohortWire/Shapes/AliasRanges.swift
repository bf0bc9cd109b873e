internal import CohortModel

extension JSONValue {
  /// Appends where in ``bytes`` each alias of this array lies, without leaving the tape.
  ///
  /// - Returns: `false` if this is no array, or one with an element that is no object with both
  ///   strings; then `aliases` is of no use.
  func aliasRanges(into aliases: inout [ChangeMembers.AliasRange]) -> Bool {
    guard kind == .array else { return false }
    aliases.reserveCapacity(aliases.count + count)
    let (tape, text) = (entries.span, bytes.span)
    let (nameKey, labelKey) = ("alias_name".utf8.span, "alias_label".utf8.span)
    let end = tape[index].first
    var at = index + 1
    while at < end {
      guard let alias = Self.alias(at: at, tape, text, nameKey, labelKey) else { return false }
      aliases.append(alias)
      at = tape[at].first
    }
    return true
  }

  /// Where the alias lies that this object is, whatever else it holds.
  var aliasRange: ChangeMembers.AliasRange? {
    Self.alias(
      at: index, entries.span, bytes.span, "alias_name".utf8.span, "alias_label".utf8.span)
  }

  @inline(__always)
  private static func alias(
    at object: Int, _ tape: Span<JSONEntry>, _ text: Span<UInt8>, _ nameKey: Span<UInt8>,
    _ labelKey: Span<UInt8>
  ) -> ChangeMembers.AliasRange? {
    guard tape[object].kind == .object else { return nil }
    var (name, label): (TextRange?, TextRange?) = (nil, nil)
    let end = tape[object].first
    var at = object + 1
    while at < end {
      let (key, value) = (tape[at], tape[at + 1])
      if isKey(key, nameKey, text) {
        guard value.isString else { return nil }
        name = value.text
      } else if isKey(key, labelKey, text) {
        guard value.isString else { return nil }
        label = value.text
      }
      at = value.isContainer ? value.first : at + 2
    }
    guard let name, let label else { return nil }
    return ChangeMembers.AliasRange(label: label, name: name)
  }

  /// Whether an entry of the tape is this key.
  @inline(__always)
  static func isKey(_ key: JSONEntry, _ wanted: Span<UInt8>, _ text: Span<UInt8>) -> Bool {
    guard key.second == wanted.count else { return false }
    for at in 0..<wanted.count where text[key.first + at] != wanted[at] { return false }
    return true
  }
}
