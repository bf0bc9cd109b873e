import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import Foundation

/// What the past costs: to rebuild from a log of 20 M changes, to keep, and to ask.
func benchHistory() {
  let folder = FileManager.default.temporaryDirectory.appending(path: "history-bench-\(getpid())")
  defer { try? FileManager.default.removeItem(at: folder) }
  try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  let work = HistoryWorkload()
  print(
    "history workload: \(work.changes) changes, "
      + "\(rounded(Double(work.size) / Double(work.changes), 2)) bytes of log each")
  benchRebuild(work)
  benchPast(work, in: folder.path)
  benchSingles(among: 1_000_000, in: folder.path)
  benchSingles(among: 10_000_000, in: folder.path)
  benchToggles(in: folder.path)
  benchFilters(work)
}

private func benchRebuild(_ work: HistoryWorkload) {
  time("gathering only, a part of the following", "change", each: work.changes) {
    var rebuild = HistoryRebuild(History(HistoryOptions()), Memberships(), nil)
    var count: UInt64 = 0
    work.forEachImport { members, bytes, position, time in
      rebuild.take(members, in: bytes, at: position, time)
      count += 1
    }
    return count
  }
  for keepsPast in [false, true] {
    let name = keepsPast ? "rebuild memberships and tiles" : "rebuild memberships"
    time("\(name), one thread", "change", each: work.changes) {
      rebuild(work, threads: 1, keepsPast: keepsPast)
    }
    wallTime("\(name), two threads, by the wall", "change", each: work.changes) {
      rebuild(work, threads: 2, keepsPast: keepsPast)
    }
  }
}

extension HistoryRebuild {
  /// The workload holds effective changes only.
  fileprivate consuming func finished() -> (History, [(CohortID, LiveUsers)]) {
    do { return try finish() } catch { preconditionFailure("the rebuild went wrong: \(error)") }
  }
}

private func rebuild(_ work: HistoryWorkload, threads: Int, keepsPast: Bool) -> UInt64 {
  var options = HistoryOptions()
  options.threadCount = threads
  var rebuild = HistoryRebuild(History(options), Memberships(), nil, keepsPast: keepsPast)
  work.forEachImport { members, bytes, position, time in
    rebuild.take(members, in: bytes, at: position, time)
  }
  let (_, members) = rebuild.finished()
  return members.reduce(0) { $0 + UInt64($1.1.count) }
}

private func history(_ work: HistoryWorkload, in store: TileStore) -> History {
  var rebuild = HistoryRebuild(History(HistoryOptions()), Memberships(), store)
  work.forEachImport { members, bytes, position, time in
    rebuild.take(members, in: bytes, at: position, time)
  }
  let (history, members) = rebuild.finished()
  for (cohort, users) in members {
    precondition(users == work.sets[Int(cohort.rawValue) - 1], "the rebuild went wrong")
  }
  history.spill(to: store)
  return history
}

private func store(_ name: String, in folder: String, of ledger: LedgerID) -> TileStore {
  let path = "\(folder)/\(name)"
  try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  let store = TileStore(in: StorageFolder(path), of: ledger, on: PosixDisk(), isReadOnly: false)
  store.clear()
  return store
}

private func benchPast(_ work: HistoryWorkload, in folder: String) {
  let store = store("imports", in: folder, of: work.ledger)
  let history = history(work, in: store)
  print("tiles on disk: \(rounded(Double(store.end) / Double(work.changes), 2)) bytes a change")
  var random = SplitMix(state: 9)
  ask("20 M changes", history, through: work.end, users: 10_000_000) {
    CohortID(random.next() % UInt32(HistoryWorkload.cohorts) + 1)
  }
  var members = 0
  var asked = 0
  let largest = (1...20).map { Position(work.end.rawValue * UInt64($0) / 20) }
  for position in largest {
    members += (try? history.members(of: CohortID(1), at: position).count) ?? 0
    asked += 1
  }
  time("members as of, \(members / asked) on average", "user", each: members) {
    largest.reduce(0) { sum, position in
      sum + UInt64((try? history.members(of: CohortID(1), at: position).count) ?? 0)
    }
  }
  var bytes: [UInt8] = []
  history.append(to: &bytes)
  print("history in a snapshot: \(bytes.count) bytes for \(work.changes) changes")
}

/// One user a change, all in one cohort: the most changes to walk through.
private func benchSingles(among users: UInt32, in folder: String) {
  var (history, random) = (History(HistoryOptions()), SplitMix(state: 3))
  var state = LedgerState(hashSeed: 1)
  let cohort = CohortID(1)
  var members = LiveUsers()
  for index in 1...1_000_000 {
    let user = random.next() % users + 1
    let isIn = members.contains(user)
    if isIn { members.remove(sorted: [user].span) } else { members.insert(sorted: [user].span) }
    let event = Event.membersChanged(
      MembersChanged(
        cohort: cohort, direction: isIn ? .leaving : .entering,
        users: PackedUsers(sorted: [user].span), unchanged: 0, unmatched: []))
    history.apply(event, at: Position(UInt64(index)), Instant(microseconds: Int64(index)))
    // As if a thousand of them were a request.
    guard index.isMultiple(of: 1_000) else { continue }
    state.setMembers(of: cohort, to: members)
    history.settle(state.memberships)
  }
  let store = store("singles-\(users)", in: folder, of: LedgerID(random: SystemRandomSource()))
  history.spill(to: store)
  print(
    "1 M changes of one user of \(users) in one cohort: "
      + "\(rounded(Double(store.end) / 1e6, 1)) bytes of tiles each")
  ask("1 M changes of one user", history, through: Position(1_000_000), users: users) { cohort }
}

/// One user who enters and leaves one of 100,000 cohorts a million times.
private func benchToggles(in folder: String) {
  var (history, state) = (History(HistoryOptions()), LedgerState(hashSeed: 1))
  let (cohorts, toggles, user): (UInt32, Int, UInt32) = (100_000, 1_000_000, 1)
  let hot = CohortID(cohorts / 2)
  let (nobody, somebody) = (LiveUsers(), LiveUsers(sorted: [user].span))
  var position = Position.origin
  func change(_ cohort: CohortID, _ direction: Direction) {
    position = position.advanced(by: 1)
    let event = Event.membersChanged(
      MembersChanged(
        cohort: cohort, direction: direction, users: PackedUsers(sorted: [user].span),
        unchanged: 0, unmatched: []))
    history.apply(event, at: position, Instant(microseconds: Int64(position.rawValue)))
    state.setMembers(of: cohort, to: direction == .entering ? somebody : nobody)
    // As if a thousand of them were a request.
    if position.rawValue.isMultiple(of: 1_000) { history.settle(state.memberships) }
  }
  for number in 1...cohorts { change(CohortID(number), .entering) }
  for toggle in 1...toggles { change(hot, toggle.isMultiple(of: 2) ? .entering : .leaving) }
  let store = store("toggles", in: folder, of: LedgerID(random: SystemRandomSource()))
  history.spill(to: store)
  let name = "\(toggles) toggles in one of \(cohorts) cohorts"
  print("\(name): \(rounded(Double(store.end) / Double(toggles), 1)) bytes of tiles each")
  ask(name, history, through: position, users: user) { hot }
}

/// Questions about random users at random positions, from tiles in the page cache.
private func ask(
  _ name: String, _ history: History, through end: Position, users: UInt32,
  _ cohort: () -> CohortID
) {
  var random = SplitMix(state: 5)
  func position() -> Position {
    Position(((UInt64(random.next()) * end.rawValue) >> 32) + 1)
  }
  time("size at a past position, \(name)", "question") {
    UInt64((try? history.size(of: cohort(), at: position())) ?? 0) + 1
  }
  time("membership of one user at a past position, \(name)", "question") {
    let user = UserID(random.next() % users + 1)
    return (try? history.contains(user, in: cohort(), at: position())) ?? false ? 2 : 1
  }
  var slowest: [Double] = []
  for _ in 0..<3_000 {
    let user = UserID(random.next() % users + 1)
    let (cohort, position) = (cohort(), position())
    let start = wallSeconds()
    _ = try? history.contains(user, in: cohort, at: position)
    slowest.append(wallSeconds() - start)
  }
  slowest.sort()
  print(
    "  of 3,000 by the wall: median \(rounded(slowest[1_500] * 1e6, 1)) µs, "
      + "p99 \(rounded(slowest[2_970] * 1e6, 1)) µs, slowest \(rounded(slowest[2_999] * 1e6, 1)) µs"
  )
}

private func benchFilters(_ work: HistoryWorkload) {
  var rebuild = HistoryRebuild(History(HistoryOptions()), Memberships(), nil)
  work.forEachImport { members, bytes, position, time in
    rebuild.take(members, in: bytes, at: position, time)
  }
  let (history, _) = rebuild.finished()
  let state = LedgerState(hashSeed: 1)
  guard let hour = Period(seconds: 3_600) else { return }
  let instant = Instant(microseconds: Int64(work.end.rawValue) * 1_000_000)
  let leaves: [(String, Filter)] = [
    (
      "in one of two, not in a third",
      .and([
        .includes([CohortID(1), CohortID(2)]), .not(.includes([CohortID(3)])),
      ])
    ),
    ("entered within an hour", .entered(CohortID(1), within: hour)),
    ("member for an hour", .memberFor(CohortID(1), atLeast: hour)),
    (
      "member as of the middle",
      .memberAsOf(CohortID(1), .position(Position(work.end.rawValue / 2)))
    ),
  ]
  for (name, filter) in leaves {
    time("filter at a past position: \(name)", "question") {
      var evaluation = FilterEvaluation(FilterQuestion(state, history, at: work.end, instant))
      return UInt64((try? evaluation.size(filter)) ?? 0) + 1
    }
  }
}

/// The median of seven runs, and the best, in seconds that others may have had a part of.
private func wallTime(_ name: String, _ unit: String, each count: Int, _ body: () -> UInt64) {
  var times: [Double] = []
  for _ in 0..<7 {
    let start = wallSeconds()
    precondition(body() != 0)
    times.append((wallSeconds() - start) / Double(count))
  }
  times.sort()
  print(
    "\(name): \(rounded(1e-6 / times[3], 1)) M \(unit)s/s, best \(rounded(1e-6 / times[0], 1))")
}
