import CohortLog
import CohortModel

extension History {
  /// The changes of a cohort that any of some users was part of, oldest first, with the user.
  ///
  /// - Parameters:
  ///   - cohort: Whose changes.
  ///   - users: Who.
  ///   - position: Up to where.
  ///   - steps: Counts the users that were looked at.
  /// - Returns: A user's change as often as the user was part of it: once.
  /// - Throws: ``LogError`` if a part of the past cannot be read.
  /// - Complexity: O(changes), 10 to 80 ns for each user of a change or each of `users`, whichever
  ///   are fewer.
  func changes(
    of cohort: CohortID, touching users: Set<UserID>, through position: Position,
    _ steps: inout Int
  ) throws(LogError) -> [(user: UserID, change: HistoryChange)] {
    let users = users.sorted()
    var reader = TrackReader(cohort, of: self)
    var found: [(user: UserID, change: HistoryChange)] = []
    try reader.forEachChange(
      from: TrackReader.Place(block: 0, row: 0), to: reader.place(at: position)
    ) { block, row in
      for user in block.users(of: users, inRow: row, &steps) {
        found.append((user, block.change(row)))
      }
      return true
    }
    return found
  }

  /// The same, uncounted.
  func changes(
    of cohort: CohortID, touching users: Set<UserID>, through position: Position
  ) throws(LogError) -> [(user: UserID, change: HistoryChange)] {
    var steps = 0
    return try changes(of: cohort, touching: users, through: position, &steps)
  }
}

/// The changes of a cohort that some persons were part of, found once for all of them.
///
/// A walk back for each of ten thousand, as ``History/lastChange(of:in:at:)`` does it, goes over
/// the same changes ten thousand times.
struct ChangesOfPersons {
  private var changes: [UserID: [HistoryChange]] = [:]

  init(
    _ history: History, of cohort: CohortID, _ persons: [UserID], through position: Position
  ) throws(LogError) {
    let found = try history.changes(of: cohort, touching: Set(persons), through: position)
    for (user, change) in found { changes[user, default: []].append(change) }
  }

  /// The last change of one of the persons at or before `position`.
  ///
  /// - Complexity: O(log changes of the user).
  func last(of user: UserID, at position: Position) -> HistoryChange? {
    guard let own = changes[user] else { return nil }
    var (low, high) = (0, own.count)
    while low < high {
      let middle = (low + high) / 2
      if own[middle].position <= position { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? own[low - 1] : nil
  }
}
