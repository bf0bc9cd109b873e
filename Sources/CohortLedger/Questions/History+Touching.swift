import CohortLog
import CohortModel

extension History {
  /// The changes of a cohort that any of some users was part of, oldest first, with the user.
  ///
  /// - Complexity: O(changes × users), 10 to 80 ns each.
  func changes(
    of cohort: CohortID, touching users: Set<UserID>, through position: Position
  ) throws(LogError) -> [(user: UserID, change: HistoryChange)] {
    let users = users.sorted()
    var reader = TrackReader(cohort, of: self)
    var found: [(user: UserID, change: HistoryChange)] = []
    try reader.forEachChange(
      from: TrackReader.Place(block: 0, row: 0), to: reader.place(at: position)
    ) { block, row in
      for user in users where block.contains(user, inRow: row) {
        found.append((user, block.change(row)))
      }
      return true
    }
    return found
  }
}
