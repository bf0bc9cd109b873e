package import CohortModel

extension IdentifierName {
  package static func externalID(_ text: Text) -> Self { .externalID(PersonalText(text.bytes)) }

  package static func device(_ text: Text) -> Self { .device(PersonalText(text.bytes)) }

  package static func alias(_ alias: Alias) -> Self {
    .alias(label: alias.label, name: PersonalText(alias.name.bytes))
  }

  package var label: Text? {
    guard case .alias(let label, _) = self else { return nil }
    return label
  }

  package var isExternalID: Bool {
    guard case .externalID = self else { return false }
    return true
  }

  /// Whether a user can have it: not empty, at most 1,024 bytes, without U+0000 (RULES §2).
  package var isValid: Bool {
    guard let text = text.bytes, isValidName(text) else { return false }
    return label.map { isValidName($0.bytes) } ?? true
  }

  /// As an import keeps it when it matched nobody.
  ///
  /// silent: cut before a character that does not fit whole, so that it stays text, and the
  /// label of an alias as well as its name.
  package var cut: IdentifierName {
    func cut(_ bytes: [UInt8]) -> [UInt8] {
      guard bytes.count > PersonalText.sizeMax else { return bytes }
      var text = String(decoding: bytes, as: UTF8.self).unicodeScalars
      while text.reduce(0, { $0 + UTF8.width($1) }) > PersonalText.sizeMax { text.removeLast() }
      return Array(String(text).utf8)
    }
    let text = PersonalText(cut(text.bytes ?? []))
    switch self {
    case .externalID: return .externalID(text)
    case .device: return .device(text)
    case .alias(let label, _):
      return .alias(label: Text(bytes: cut(label.bytes)), name: text)
    }
  }

  package var erased: IdentifierName {
    switch self {
    case .externalID: .externalID(.erased)
    case .device: .device(.erased)
    case .alias(let label, _): .alias(label: label, name: .erased)
    }
  }
}

/// Whether it can be a name or an id: 1 to 1,024 bytes, no U+0000.
package func isValidName(_ bytes: [UInt8]) -> Bool {
  (1...PersonalText.sizeMax).contains(bytes.count) && !bytes.contains(0)
}

extension UserName {
  /// `nil` for a user number.
  package var identifier: IdentifierName? {
    switch self {
    case .externalID(let text): .externalID(text)
    case .alias(let label, let name): .alias(Alias(label: label, name: name))
    case .device(let text): .device(text)
    case .number: nil
    }
  }
}

extension ChangeMembers.Change {
  /// The identifiers in the order in which they apply (RULES §3).
  package func identifiers(in buffer: [UInt8]) -> [IdentifierName] {
    func bytes(_ range: TextRange) -> [UInt8] {
      Array(buffer[Int(range.start)..<Int(range.start) + Int(range.count)])
    }
    return userIDs.map { .externalID(PersonalText(bytes($0))) }
      + deviceIDs.map { .device(PersonalText(bytes($0))) }
      + aliases.map { .alias(label: Text(bytes: bytes($0.label)), name: .init(bytes($0.name))) }
  }
}
