package import CohortModel

/// Random questions about a ledger, the same for the same seed.
package struct QueryGenerator {
  private var generator: CommandGenerator

  package init(seed: UInt64) { generator = CommandGenerator(seed: seed) }

  package mutating func position(upTo end: Position) -> Position {
    Position(UInt64(generator.random.below(Int(end.rawValue) + 1)))
  }

  /// A position with an instant to stand at: that of the position, or up to a month later.
  package mutating func moment(in ledger: NaiveLedger) -> (position: Position, instant: Instant) {
    let position = position(upTo: ledger.end)
    let time = position == .origin ? generator.time : ledger.time(of: position)
    let later = Int64(generator.random.pick([0, 0, 1, 3_600, 86_400, 2_592_000]))
    return (position, Instant(microseconds: time.microseconds + later * 1_000_000))
  }

  /// An instant from before the first position to after the last.
  package mutating func instant(in ledger: NaiveLedger) -> Instant {
    let some = ledger.facts.isEmpty ? generator.time : generator.random.pick(ledger.facts).time
    return Instant(microseconds: some.microseconds + Int64(generator.random.below(3)) - 1)
  }

  /// Any leaf under any group, over the cohorts and segments that the ledger has.
  package mutating func filter(in ledger: NaiveLedger, depth: Int = 4) -> Filter {
    let random = generator.random.below(10)
    guard depth > 1, random < 5 else { return leaf(in: ledger) }
    switch random {
    case 0: return .not(filter(in: ledger, depth: depth - 1))
    case 1, 2:
      return .and((0...generator.random.few(2)).map { _ in filter(in: ledger, depth: depth - 1) })
    default:
      return .or((0...generator.random.few(2)).map { _ in filter(in: ledger, depth: depth - 1) })
    }
  }

  package mutating func leaf(in ledger: NaiveLedger) -> Filter {
    let several = (0...generator.random.few(2)).map { _ in cohort(in: ledger) }
    switch generator.random.below(8) {
    case 0: return .includes(several)
    case 1: return .excludes(several)
    case 2 where !ledger.now.segments.isEmpty:
      return .segment(SegmentID(UInt32(1 + generator.random.below(ledger.now.segments.count))))
    case 3: return .entered(cohort(in: ledger), within: generator.period())
    case 4: return .left(cohort(in: ledger), within: generator.period())
    case 5: return .memberFor(cohort(in: ledger), atLeast: generator.period())
    case 6: return .memberAsOf(cohort(in: ledger), .instant(instant(in: ledger)))
    default: return .memberAsOf(cohort(in: ledger), .position(position(upTo: ledger.end)))
    }
  }

  /// One of the cohorts, or the first if there is none yet.
  package mutating func cohort(in ledger: NaiveLedger) -> CohortID {
    CohortID(UInt32(1 + generator.random.below(max(1, ledger.now.cohorts.count))))
  }

  package mutating func user(in ledger: NaiveLedger) -> UserID {
    UserID(UInt32(1 + generator.random.below(max(1, ledger.now.users.count))))
  }

  package mutating func userName() -> UserName { generator.userName(numbers: 20) }
}
