import CohortFormat
import CohortLog
package import CohortModel

extension Ledger {
  /// The identifiers whose unmatched mentions an erasure must find: every one that the person ever
  /// had, and the one it was named by.
  func textsToFind(_ name: UserName) throws(LedgerError) -> Set<IdentifierName> {
    let state = disk.durable.core.state
    var texts: Set<IdentifierName> = []
    switch name {
    case .externalID(let text): texts.insert(.externalID(PersonalText(text.bytes)))
    case .device(let text): texts.insert(.device(PersonalText(text.bytes)))
    case .alias(let label, let text):
      texts.insert(.alias(label: label, name: PersonalText(text.bytes)))
    case .number: break
    }
    do throws(Refusal) {
      if let (user, _) = try state.erasable(name) {
        texts.formUnion(state.everIdentifier(of: user).compactMap { state.name(of: $0) })
      }
    } catch { throw .refused(error, at: state.position) }
    return texts
  }

  /// The same for several users; who cannot be erased has nothing to find.
  func textsToFind(_ names: [UserName]) -> Set<IdentifierName> {
    names.reduce(into: []) { $0.formUnion((try? textsToFind($1)) ?? []) }
  }

  /// Where imports have mentioned somebody and matched nobody, as of now: for the preview of an
  /// erasure.
  ///
  /// - Complexity: One pass over the log's unmatched identifiers.
  package func mentions(of names: [UserName]) throws(LedgerError) -> EraseMentions {
    let texts = textsToFind(names)
    return try MentionSearch(texts, in: self).completed(with: texts, in: self)
  }

  /// Where imports have mentioned one of `texts` and matched nobody.
  ///
  /// - Complexity: One pass over the log; only imports with unmatched identifiers are decoded.
  func mentions(
    of texts: Set<IdentifierName>, after: Position, through: Position
  ) throws(LedgerError) -> [IdentifierName: [TextName]] {
    // The same string is the same person's, whatever kind of identifier an import took it for.
    let byText = Dictionary(grouping: texts, by: \.text)
    var found: [IdentifierName: [TextName]] = [:]
    try forEachUnmatched(after: after, through: through) { name, unmatched in
      for identifier in byText[unmatched.identifier.text] ?? [] {
        found[identifier, default: []].append(name)
      }
    }
    return found
  }

  /// Every text of an unmatched identifier up to a position, but those erased already.
  func unmatchedTexts(through: Position) throws(LedgerError) -> [TextName] {
    var found: [TextName] = []
    try forEachUnmatched(after: .origin, through: through) { name, unmatched in
      if unmatched.identifier.text.bytes != nil { found.append(name) }
    }
    return found
  }

  private func forEachUnmatched(
    after: Position, through: Position, _ body: (TextName, Unmatched) -> Void
  ) throws(LedgerError) {
    guard after < through else { return }
    try reading { () throws(LogError) in
      try log.reader.forEachFrame(after.advanced(by: 1)...through) {
        frame, bytes throws(LogError) in
        do throws(EventFault) {
          guard frame.header.privateLength > 0 else { return true }
          var decoder = EventDecoder(frame, ledger: log.ledger)
          while let decoded = try decoder.next(in: bytes) {
            guard case .membersChanged(let event) = decoded.recorded.event else { continue }
            let position = decoded.recorded.position
            guard position > after, position <= through else { continue }
            for (item, unmatched) in event.unmatched.enumerated() {
              body(TextName(position: position, item: UInt32(item)), unmatched)
            }
          }
        } catch { throw .event(error) }
        return true
      }
    }
  }
}

/// Where the texts of a person were mentioned, up to some position: the long part of an erasure,
/// done before the writer has to stand still for the rest.
struct MentionSearch: Sendable {
  private let texts: Set<IdentifierName>
  private let seen: Position
  private let found: [IdentifierName: [TextName]]

  init(_ texts: Set<IdentifierName>, in ledger: Ledger) throws(LedgerError) {
    self.texts = texts
    seen = ledger.disk.durable.core.state.position
    found = try ledger.mentions(of: texts, after: .origin, through: seen)
  }

  /// Adds what has come since, and all of what is looked for only now.
  ///
  /// The writer stands still.
  func completed(
    with now: Set<IdentifierName>, in ledger: Ledger
  ) throws(LedgerError) -> EraseMentions {
    let end = ledger.disk.durable.core.state.position
    let late = try ledger.mentions(of: now, after: seen, through: end)
    let new = now.subtracting(texts)
    let missed =
      new.isEmpty ? [:] : try ledger.mentions(of: new, after: .origin, through: seen)
    return EraseMentions(
      mentions: found.merging(late) { $0 + $1 }.merging(missed) { $0 + $1 })
  }
}
