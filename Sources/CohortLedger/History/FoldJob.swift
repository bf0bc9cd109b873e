import CohortModel
import CohortThreads
import Synchronization

/// One cohort that a rebuild folds: independent of all others, so on any thread.
struct FoldJob: Sendable {
  let cohort: CohortID
  let track: Track
  let start: HistoryRebuild.Start
  /// At `start`.
  let members: LiveUsers
  let ended: EndedUsers
  /// Whether to note bases on the way.
  let keepsPast: Bool

  struct Result: Sendable {
    let cohort: CohortID
    /// At the end of the track.
    let members: LiveUsers
    let bases: [Track.Base]
    let since: Track.Growth
    let fault: Fault?
  }

  /// A change that cannot have happened; nothing was folded from it on.
  struct Fault: Sendable {
    let position: Position
    let reason: String
  }

  /// Carries out all jobs, the longest first, on this thread and perhaps others.
  static func run(_ jobs: [FoldJob], _ options: HistoryOptions) -> [Result] {
    let jobs = jobs.sorted { $0.blockCount > $1.blockCount }
    let next = Mutex(0)
    let results = Mutex<[Result]>([])
    let work: @Sendable () -> Void = {
      var bitmap = FoldBitmap()
      while true {
        let index = next.withLock { next in
          defer { next += 1 }
          return next
        }
        guard index < jobs.count else { return }
        let result = jobs[index].run(&bitmap, options)
        results.withLock { $0.append(result) }
      }
    }
    // With fewer threads than wanted it only takes longer.
    let others = (1..<max(1, min(options.threadCount, jobs.count))).compactMap { _ in
      try? Thread("cohort-fold", work)
    }
    work()
    for thread in others { thread.join() }
    return results.withLock { $0 }
  }

  private var blockCount: Int { track.blocks.count - start.place.block }

  private func run(_ bitmap: inout FoldBitmap, _ options: HistoryOptions) -> Result {
    bitmap.reset()
    bitmap.insert(members)
    var (bases, since, size) = ([Track.Base](), start.since, members.count)
    for index in start.place.block...track.blocks.count {
      guard let block = index == track.blocks.count ? track.open : track.blocks[index].part.load()
      else { preconditionFailure("What was gathered since the last fold is still in memory.") }
      let first = index == start.place.block ? start.place.row : 0
      let flawed = block.foldJudging(first..<block.rows.count, into: &bitmap)
      let sound = first..<(flawed?.row ?? block.rows.count)
      if !ended.isEmpty, let (row, user) = block.firstEntering(sound, of: ended) {
        bitmap = FoldBitmap()
        return faulty(block.rows[row].position, "\(user) is no more, and enters \(cohort)")
      }
      if let (row, flaw) = flawed {
        bitmap = FoldBitmap()
        return faulty(block.rows[row].position, reason(flaw))
      }
      guard keepsPast else { continue }
      for row in first..<block.rows.count {
        let newSize = Int(block.rows[row].size)
        since.add(users: abs(newSize - size), bytes: block.range(ofRow: row).count)
        size = newSize
      }
      guard index < track.blocks.count, since.isDue(size: bitmap.count, options),
        Int(since.bytes) >= bitmap.byteCount / 2
      else { continue }
      let part = SealedBase(.memory(bitmap.cut()), pieceSize: options.pieceSize)
      bases.append(Track.Base(block: index + 1, part: part))
      since = Track.Growth()
    }
    return Result(
      cohort: cohort, members: bitmap.cut(), bases: bases, since: since, fault: nil)
  }

  private func reason(_ flaw: FoldBitmap.Flaw) -> String {
    switch flaw {
    case .noSet: HistoryRebuild.noSet
    case .noChange: "who enters \(cohort) is in it, or who leaves it is not"
    }
  }

  private func faulty(_ position: Position, _ reason: String) -> Result {
    Result(
      cohort: cohort, members: members, bases: [], since: start.since,
      fault: Fault(position: position, reason: reason))
  }
}
