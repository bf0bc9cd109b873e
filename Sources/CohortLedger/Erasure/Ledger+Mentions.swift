import CohortFormat
import CohortLog
package import CohortModel

extension Ledger {
  /// Whom an erasure must find in the log.
  private func personToFind(_ name: UserName) throws(LedgerError) -> ErasedPerson {
    let state = disk.durable.core.state
    var texts: Set<IdentifierName> = []
    // Nobody bears a longer text than is kept, but imports may have named one.
    if let kept = IdentifierName(keptOf: name) { texts.insert(kept) }
    do throws(Refusal) {
      guard let (user, _) = try state.erasable(name) else {
        return ErasedPerson(user: nil, texts: texts)
      }
      texts.formUnion(state.everIdentifier(of: user).compactMap { state.name(of: $0) })
      return ErasedPerson(
        user: user, users: [user] + state.directory.mergedUsers(into: user), texts: texts)
    } catch { throw .refused(error, at: state.position) }
  }

  /// Whom an erasure of several must find; who cannot be erased has nothing to find.
  func peopleToFind(_ names: [UserName]) -> Set<ErasedPerson> {
    Set(names.compactMap { try? personToFind($0) })
  }

  /// Where imports have mentioned somebody and matched nobody, and whose bodies may have named
  /// them, as of now: for the preview of an erasure.
  ///
  /// - Complexity: As that of an erasure.
  package func mentions(of names: [UserName]) throws(LedgerError) -> EraseMentions {
    let people = peopleToFind(names)
    return try MentionSearch(people, in: self).completed(with: people, in: self)
  }

  /// Every text of an unmatched identifier up to a position.
  ///
  /// `zeroToo`: whether those are named that read as zeros. Behind a sync that failed the zeros may
  /// be in memory only, so who finishes what was interrupted writes them again.
  func unmatchedTexts(
    through: Position, zeroToo: Bool
  ) throws(LedgerError) -> [TextName] {
    var found: [TextName] = []
    try forEachPrivate(through: through) { decoded throws(LogError) in
      decoded.forEachUnmatched { name, text in
        if zeroToo || text.bytes != nil { found.append(name) }
      }
    }
    return found
  }

  /// Every event of a frame that has personal texts, in order.
  func forEachPrivate(
    after: Position = .origin, through: Position,
    _ body: (DecodedEvent) throws(LogError) -> Void
  ) throws(LedgerError) {
    try forEachFrame(after: after, through: through) { frame, bytes throws(LogError) in
      guard frame.header.privateLength > 0 else { return }
      try decodeAll(frame, bytes, after: after, through: through, body)
    }
  }

  /// The texts that became zero between two positions, by what says that this was finished there,
  /// and those that are to become zero.
  func texts(
    zeroedAfter after: Position, through: Position
  ) throws(LedgerError) -> (named: Set<TextName>, forgottenThrough: Position) {
    var erasures = disk.durable.core.state.erasures.pending
    try forEachFrame(after: after, through: through) { frame, bytes throws(LogError) in
      try decodeAll(frame, bytes, after: after, through: through) { decoded in
        if case .erasureFinished(let event) = decoded.recorded.event {
          erasures.append(event.erasure)
        }
      }
    }
    var named: Set<TextName> = []
    var forgottenThrough = Position.origin
    for erasure in erasures {
      switch try event(at: erasure).recorded.event {
      case .userErased(let event): named.formUnion(event.texts)
      case .unmatchedForgotten(let event): forgottenThrough = max(forgottenThrough, event.through)
      default: break
      }
    }
    return (named, forgottenThrough)
  }

  private func forEachFrame(
    after: Position, through: Position,
    _ body: (FrameExtent, Span<UInt8>) throws(LogError) -> Void
  ) throws(LedgerError) {
    guard after < through else { return }
    try reading { () throws(LogError) in
      try log.reader.forEachFrame(after.advanced(by: 1)...through) {
        frame, bytes throws(LogError) in
        try body(frame, bytes)
        return true
      }
    }
  }

  private func decodeAll(
    _ frame: FrameExtent, _ bytes: Span<UInt8>, after: Position, through: Position,
    _ body: (DecodedEvent) throws(LogError) -> Void
  ) throws(LogError) {
    var decoder = EventDecoder(frame, ledger: log.ledger)
    while true {
      let decoded: DecodedEvent?
      do throws(EventFault) { decoded = try decoder.next(in: bytes) } catch {
        throw .event(error)
      }
      guard let decoded else { return }
      let position = decoded.recorded.position
      if position > after, position <= through { try body(decoded) }
    }
  }
}

extension DecodedEvent {
  /// The identifiers of an import that matched nobody.
  fileprivate func forEachUnmatched(_ body: (TextName, PersonalText) -> Void) {
    guard case .membersChanged(let event) = recorded.event else { return }
    for (item, unmatched) in event.unmatched.enumerated() {
      body(
        TextName(position: recorded.position, item: UInt32(item)), unmatched.identifier.text)
    }
  }
}

/// What the log holds of people up to some position: the long part of an erasure, done before the
/// writer has to stand still for the rest.
struct MentionSearch: Sendable {
  private let people: Set<ErasedPerson>
  private let seen: Position
  private let found: EraseMentions

  /// - Complexity: One pass over the log; only frames with personal texts are decoded.
  init(_ people: Set<ErasedPerson>, in ledger: Ledger) throws(LedgerError) {
    self.people = people
    seen = ledger.disk.durable.core.state.position
    found = try Self.find(people, in: ledger, through: seen)
  }

  /// Adds what has come since, and takes away what other erasures named that were finished since;
  /// starts anew for people whose identifiers have changed since, and after a forgetting.
  ///
  /// The writer stands still.
  func completed(
    with now: Set<ErasedPerson>, in ledger: Ledger
  ) throws(LedgerError) -> EraseMentions {
    let end = ledger.disk.durable.core.state.position
    let zeroed = try ledger.texts(zeroedAfter: seen, through: end)
    var all: EraseMentions
    if now == people, zeroed.forgottenThrough == .origin {
      all = found
      let late = try Self.find(now, in: ledger, after: seen, through: end)
      all.mentions.merge(late.mentions) { $0 + $1 }
      all.digests.merge(late.digests) { $0 + $1 }
    } else {
      all = try Self.find(now, in: ledger, through: end)
    }
    // What another erasure has named is that one's, however late its bytes became zero.
    all.mentions = all.mentions.compactMapValues { names in
      let left = names.filter {
        !zeroed.named.contains($0) && $0.position > zeroed.forgottenThrough
      }
      return left.isEmpty ? nil : left
    }
    all.digests = all.digests.mapValues { $0.filter { !zeroed.named.contains($0) } }
    return all
  }

  private static func find(
    _ people: Set<ErasedPerson>, in ledger: Ledger, after: Position = .origin, through: Position
  ) throws(LedgerError) -> EraseMentions {
    // The same string is the same person's, whatever kind of identifier an import took it for.
    let texts = people.reduce(into: Set<IdentifierName>()) { $0.formUnion($1.texts) }
    let byText = Dictionary(grouping: texts, by: \.text)
    var bodies = RequestBodies(ledger.disk.durable.core)
    var found = EraseMentions()
    try ledger.forEachPrivate(after: after, through: through) { decoded throws(LogError) in
      decoded.forEachUnmatched { name, text in
        for identifier in byText[text] ?? [] {
          found.mentions[identifier, default: []].append(name)
        }
      }
      guard let (digest, named) = try bodies.take(decoded, people) else { return }
      for person in named { found.digests[person.user, default: []].append(digest) }
    }
    return found
  }
}
