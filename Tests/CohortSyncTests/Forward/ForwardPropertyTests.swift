import CohortModel
import CohortSync
import TestSupport
import Testing

@Suite struct `A forwarding between two ledgers` {
  /// Lives on, forwards now and then over a brittle connection, and compares at the end.
  private func live(
    seed: UInt64, isDeaf: Bool, losesState: Bool, restores: Bool = false, changesList: Bool = false
  ) throws {
    let story = try ForwardStory(seed: seed, isDeaf: isDeaf)
    // What is erased stands in the feed no more: without its state nobody knows what was told.
    story.erases = !losesState
    // What a restore takes back of identities, the destination has carried out for ever.
    story.changesIdentities = !restores
    for step in 0..<60 {
      try story.live()
      switch story.random.below(6) {
      case 0, 1:
        story.brittle.set(brittleness: 1 + story.random.below(5))
        let pageSize = 1 + story.random.below(6)
        let report = try story.run(pageSize: pageSize)
        if story.random.once(in: 3) { try story.tearJournal() }
        if report.stopped == nil { #expect(report.refused == 0) }
      case 4 where changesList:
        story.listed = story.cohorts.filter { _ in story.random.once(in: 2) }
        if story.listed == [] { story.listed = [story.cohorts[story.random.below(3)]] }
        story.listed?.shuffle(using: &story.random)
      case 2: story.hear(story.random.below(8))
      case 3 where losesState && story.random.once(in: 3):
        for name in ["", ".journal"] where story.random.once(in: 2) || name.isEmpty {
          try story.damage("state/platform.forward\(name)")
        }
      default: break
      }
      if restores, step == 40 {
        try story.restoreSource(seed: seed &+ 77)
        story.changesIdentities = true
      }
    }
    story.brittle.set(brittleness: 0)
    story.hear(.max)
    story.listed = nil
    // The first of these tells what is left, the second again what the first could not place.
    for _ in 0..<2 {
      let report = try story.run()
      #expect(report.stopped == nil, "\(report.message ?? "")")
    }
    try story.expectEqual("seed \(seed)")
    if !restores { story.expectForgotten("seed \(seed)") }
  }

  @Test(arguments: 0..<UInt64(seedCount(12)))
  func `ends equal where both hear of everything, killed anywhere`(_ seed: UInt64) throws {
    try live(seed: seed, isDeaf: false, losesState: false)
  }

  @Test(arguments: 0..<UInt64(seedCount(12)))
  func `ends equal where the destination hears of no merge and no deletion`(_ seed: UInt64) throws {
    try live(seed: 1_000 + seed, isDeaf: true, losesState: false)
  }

  @Test(arguments: 0..<UInt64(seedCount(8)))
  func `ends equal though its state is damaged again and again`(_ seed: UInt64) throws {
    try live(seed: 2_000 + seed, isDeaf: seed.isMultiple(of: 2), losesState: true)
  }

  @Test(arguments: 0..<UInt64(seedCount(16)))
  func `ends equal though cohorts leave its list and come back`(_ seed: UInt64) throws {
    try live(
      seed: 4_000 + seed, isDeaf: seed.isMultiple(of: 2), losesState: false, changesList: true)
  }

  @Test(arguments: 0..<UInt64(seedCount(8)))
  func `ends equal though the source is restored`(_ seed: UInt64) throws {
    try live(seed: 3_000 + seed, isDeaf: true, losesState: false, restores: true)
  }
}
