import CohortModel
import Dispatch
import Synchronization

/// The sets of 20,000 requests of 1,000 users of ten million, to 50 cohorts by Zipf's law.
///
/// One request in five takes out members; the others bring users who are not in yet.
struct FoldWorkload: Sendable {
  struct Change {
    var isAdding: Bool
    var offset: Int
  }

  private(set) var log: [UInt8] = []
  private(set) var changes: [[Change]]
  private(set) var count = 0
  private(set) var sets: [LiveUsers]

  init(requests: Int = 20_000, users last: UInt32 = 10_000_000, cohorts: Int = 50) {
    changes = [[Change]](repeating: [], count: cohorts)
    sets = [LiveUsers](repeating: LiveUsers(), count: cohorts)
    var (noise, sorter) = (Noise(state: 42), UserSorter())
    let weights = (1...cohorts).map { 1 / Double($0) }
    for _ in 0..<requests {
      var left = Double.random(in: 0..<weights.reduce(0, +), using: &noise)
      let cohort = weights.firstIndex { weight in
        left -= weight
        return left < 0
      }
      let index = cohort ?? 0
      let isAdding = sets[index].count < 100_000 || noise.next() % 5 > 0
      var users: [UInt32] = []
      for _ in 0..<1_000 {
        let user = UInt32.random(in: 1...last, using: &noise)
        users.append(isAdding ? user : sets[index].next(after: user) ?? user)
      }
      sorter.sortDistinct(&users)
      var effective: [UInt32] = []
      if isAdding {
        sets[index].selectAbsent(from: users.span, into: &effective)
        sets[index].insert(sorted: effective.span)
      } else {
        sets[index].selectPresent(from: users.span, into: &effective)
        sets[index].remove(sorted: effective.span)
      }
      changes[index].append(Change(isAdding: isAdding, offset: log.count))
      log += PackedUsers(sorted: effective.span).bytes
      count += effective.count
    }
  }

  func fold(_ cohort: Int, in bitmap: inout FoldBitmap) -> LiveUsers {
    bitmap.reset()
    let log = log.span
    for change in changes[cohort] {
      if change.isAdding {
        bitmap.insert(in: log, at: change.offset)
      } else {
        bitmap.remove(in: log, at: change.offset)
      }
    }
    return bitmap.cut()
  }
}

func benchFold() {
  let work = FoldWorkload()
  print(
    "fold workload: \(work.count) changes in \(work.log.count) bytes, "
      + "\(rounded(Double(work.log.count) / Double(work.count), 2)) bytes each (target 2.1)")
  var bitmap = FoldBitmap(users: 10_000_000)
  for cohort in work.changes.indices {
    let set = work.fold(cohort, in: &bitmap)
    precondition(set == work.sets[cohort] && set.count == bitmap.count, "the fold went wrong")
  }
  printCost("rebuild, one thread", "change", count: work.count, target: "120 M") {
    var members = 0
    for cohort in work.changes.indices { members += work.fold(cohort, in: &bitmap).count }
    return members
  }
  benchFoldOnTwoThreads(work)
}

/// The greatest cohorts come first, each to whichever thread is free; by the clock on the wall.
private func benchFoldOnTwoThreads(_ work: FoldWorkload) {
  let clock = ContinuousClock()
  let members = Atomic(0)
  let times = (0..<15).map { _ in
    clock.measure {
      let next = Atomic(0)
      DispatchQueue.concurrentPerform(iterations: 2) { _ in
        var bitmap = FoldBitmap(users: 10_000_000)
        while true {
          let cohort = next.add(1, ordering: .relaxed).oldValue
          if cohort >= work.changes.count { return }
          members.add(work.fold(cohort, in: &bitmap).count, ordering: .relaxed)
        }
      }
    } / .seconds(1)
  }
  precondition(members.load(ordering: .relaxed) > 0, "nobody was rebuilt")
  let seconds = times.sorted()[7]
  print(
    "rebuild, two threads: \(rounded(Double(work.count) / seconds * 1e-6, 1)) M changes/s "
      + "(target 220 M)")
}
