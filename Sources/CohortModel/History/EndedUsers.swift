/// Who was merged away or deleted, for judging who enters a cohort long after it was gathered.
///
/// Invariant: a bit for everybody who ended. The position of an end is known only while changes
/// before it may still be judged; who has none ended before them all.
package struct EndedUsers: Sendable {
  private var words: [UInt64] = []
  private var recent: [UInt32: Position] = [:]

  package init() {}

  /// Those who have ended in `directory`.
  package init(_ directory: Directory) {
    directory.forEachEnded { mark($0.rawValue) }
  }

  package var isEmpty: Bool { words.isEmpty }

  /// Takes note of an event that ends somebody; other events end nobody.
  package mutating func note(_ event: Event, at position: Position) {
    switch event {
    case .usersMerged(let event): end(event.user, at: position)
    case .userDeleted(let event): end(event.user, at: position)
    case .partnerEnabled, .partnerDisabled, .keyIssued, .keyInvalidated, .userCreated,
      .identifierAdded, .identifierRemoved, .externalIDRenamed, .userIdentified, .userErased,
      .erasureFinished, .unmatchedForgotten, .cohortNamed, .cohortArchived, .cohortRestored,
      .membersChanged, .segmentSaved, .segmentArchived, .segmentRestored, .campaignSaved,
      .campaignArchived, .campaignRestored, .audienceFrozen, .recovered, .restored:
      break
    }
  }

  /// Says that every change to be judged from now on comes after every end so far.
  package mutating func settle() { recent.removeAll() }

  /// Whether `user` ended before `position`.
  @inline(__always)
  package func contains(_ user: UInt32, before position: Position) -> Bool {
    let place = Int(user >> 6)
    guard place < words.count, words[place] >> UInt64(user & 63) & 1 == 1 else { return false }
    guard let end = recent[user] else { return true }
    return end < position
  }

  private mutating func end(_ user: UserID, at position: Position) {
    mark(user.rawValue)
    recent[user.rawValue] = position
  }

  private mutating func mark(_ user: UInt32) {
    let place = Int(user >> 6)
    if place >= words.count {
      words.append(contentsOf: repeatElement(0, count: place + 1 - words.count))
    }
    words[place] |= 1 << UInt64(user & 63)
  }
}

extension HistoryBlock {
  /// The first of `rows`, all of them sound, in which somebody enters who has ended before it.
  ///
  /// - Complexity: O(users who enter).
  package func firstEntering(
    _ rows: Range<Int>, of ended: EndedUsers
  ) -> (row: Int, user: UserID)? {
    let span = bytes.span
    for index in rows where self.rows[index].kind.direction == .entering {
      var found: UInt32?
      let position = self.rows[index].position
      PackedUsers.forEach(in: span, at: Int(self.rows[index].start)) { user in
        if ended.contains(user, before: position), found == nil { found = user }
      }
      if let found { return (index, UserID(found)) }
    }
    return nil
  }
}
