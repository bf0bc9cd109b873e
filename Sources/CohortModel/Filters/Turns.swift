/// Finds who came into a cohort, or left it, in a stretch of its past.
///
/// A person is in while any of its users is: only what an import does to the last or first of them
/// counts. For nearly everyone that is one user, and those are taken in whole sets; only the users
/// of persons of several are looked at one by one. A merge lets nobody in or out.
struct Turns {
  let people: People
  let direction: Direction
  private var bitmap = FoldBitmap()
  /// Of persons of several users, how many of them are in.
  private var usersIn: [UInt32: Int] = [:]
  private var persons: Set<UInt32> = []

  /// Begins with the members before the first change; if nobody is several they do not matter.
  init(_ people: People, _ direction: Direction, before: LiveUsers) {
    self.people = people
    self.direction = direction
    for (user, person) in people.survivors where before.contains(user) {
      usersIn[person, default: 0] += 1
    }
  }

  mutating func take(_ row: HistoryRow, _ bytes: Span<UInt8>) {
    let direction = row.kind.direction
    if row.kind.isImport, direction == self.direction {
      bitmap.insert(in: bytes, at: Int(row.start))
    }
    guard !people.survivors.isEmpty else { return }
    PackedUsers.forEach(in: bytes, at: Int(row.start)) { user in
      guard let person = people.survivors[user] else { return }
      let before = usersIn[person] ?? 0
      let after = direction == .entering ? before + 1 : before - 1
      usersIn[person] = after
      guard row.kind.isImport, direction == self.direction else { return }
      if direction == .entering ? after == 1 : after == 0 { persons.insert(person) }
    }
  }

  /// Everyone who turned.
  func users() -> LiveUsers {
    let found = bitmap.cut()
    let several = LiveUsers(sorted: people.survivors.keys.sorted().span)
    return SetExpression.union([
      .difference(.users(found), minus: .union([.users(people.ended), .users(several)])),
      .users(LiveUsers(sorted: persons.sorted().span)),
    ]).evaluated()
  }
}
