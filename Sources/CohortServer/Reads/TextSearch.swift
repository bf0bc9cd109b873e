import CohortModel
import CohortWire

/// Finds a text in names, ids and tags, in capital letters or small ones.
///
/// For people who look for something. What names a cohort is compared byte by byte everywhere else.
///
/// - Complexity: Some 100 ns a name.
struct TextSearch: Sendable {
  /// In small letters; not empty.
  private let needle: [UInt8]

  init(_ text: Text) { needle = Self.small(text) }

  func finds(_ text: Text) -> Bool {
    let hay = Self.small(text)
    guard let first = needle.first, hay.count >= needle.count else { return false }
    return (0...(hay.count - needle.count)).contains { start in
      hay[start] == first && hay[start..<(start + needle.count)].elementsEqual(needle)
    }
  }

  /// Whether it stands in one of the texts that somebody gave it, or in its id.
  func finds(_ name: Text, _ id: some CustomStringConvertible, _ tags: [Text]) -> Bool {
    finds(name) || finds(Text(id.description)) || tags.contains(where: finds)
  }

  private static func small(_ text: Text) -> [UInt8] {
    // Nearly all names: no string is made of them.
    guard text.bytes.contains(where: { $0 >= 0x80 }) else {
      return text.bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }
    return Array(text.description.lowercased().utf8)
  }
}

extension Query {
  /// What is searched for; `nil` if everything is wanted.
  func search() throws(WireError) -> TextSearch? {
    guard let text = self[.search] else { return nil }
    guard (1...1_024).contains(text.bytes.count) else { throw .bad(.search) }
    return TextSearch(text)
  }
}
