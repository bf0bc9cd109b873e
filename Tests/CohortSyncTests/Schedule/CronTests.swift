import CohortSync
import TestSupport
import Testing

/// Clocks that are set forward and back at given moments.
private struct SetClock: WallClock {
  /// Moments and the offset from then on, in seconds; the first holds before too.
  let changes: [(second: Int, offset: Int)]

  func offset(at second: Int) -> Int {
    changes.last { $0.second <= second }?.offset ?? changes[0].offset
  }
}

@Suite struct `A cron text` {
  /// Due moments in a range, found minute by minute: what the clocks pass over is due when they
  /// have passed it, and nothing is due when they show a time again.
  private static func naive(
    _ cron: Cron, _ clock: some WallClock, from start: Int, to end: Int
  ) -> [Int] {
    var due: [Int] = []
    // Two days before, so that what was shown before the range is known.
    var highest = (start - 172_800 + clock.offset(at: start - 172_800)).quotient(60)
    for second in stride(from: start - 172_800, through: end, by: 60) {
      let shown = (second + clock.offset(at: second)).quotient(60)
      guard shown > highest else { continue }
      let isDue = (highest + 1...shown).contains { cron.contains($0) }
      highest = shown
      if isDue, second > start { due.append(second) }
    }
    return due
  }

  private static func all(
    _ cron: Cron, _ clock: some WallClock, from start: Int, to end: Int
  ) -> [Int] {
    var (due, second): ([Int], Int) = ([], start)
    while let next = cron.next(after: second, on: clock), next <= end {
      due.append(next)
      second = next
    }
    return due
  }

  static let texts = [
    "* * * * *", "0 * * * *", "30 2 * * *", "*/20 1-3 * * *", "15,45 0-4 * * sun", "0 0 * * *",
    "59 23 * * *", "7 2 29-31 * *", "0 3 1 * mon", "*/7 2 */2 * 0-6/2", "0 12 31 12 *",
  ]

  /// The last Sundays of March and October, and moves of a date line.
  static let zones: [(name: String, start: Int)] = [
    ("Europe/Berlin", 1_774_652_400), ("Europe/Berlin", 1_792_868_400),
    ("America/New_York", 1_772_866_800), ("America/New_York", 1_793_422_800),
    ("Australia/Lord_Howe", 1_775_300_000), ("Australia/Lord_Howe", 1_791_000_000),
    ("Pacific/Apia", 1_325_100_000), ("Asia/Kathmandu", 1_774_652_400),
    ("America/Sao_Paulo", 1_540_000_000), ("UTC", 1_774_652_400),
  ]

  @Test(arguments: zones, texts)
  func `is due when a look at the clock every minute says so`(
    _ zone: (name: String, start: Int), _ text: String
  ) throws {
    let clock = try #require(TimeZoneName(zone.name))
    let cron = try Cron(text)
    let start = zone.start - zone.start % 60
    let end = start + 4 * 86_400
    #expect(
      Self.all(cron, clock, from: start, to: end)
        == Self.naive(cron, clock, from: start, to: end))
  }

  @Test(arguments: 0..<120 as Range<UInt64>)
  func `is due on clocks that are set at random, too`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let start = 1_800_000_000 - 1_800_000_000 % 60
    let offsets = [-43_200, -3_600, 0, 1_800, 3_600, 5_400, 20_700, 46_800, 50_400]
    var changes = [(second: start - 400_000, offset: offsets.randomElement(using: &random) ?? 0)]
    // Days apart, as all clocks that there are.
    for day in [0, 2, 4] where Bool.random(using: &random) {
      let second = start + day * 86_400 + 60 * Int.random(in: 0..<1_440, using: &random)
      changes.append((second, offsets.randomElement(using: &random) ?? 0))
    }
    let clock = SetClock(changes: changes)
    let cron = try Cron(Self.texts.randomElement(using: &random) ?? "* * * * *")
    let end = start + 6 * 86_400
    #expect(
      Self.all(cron, clock, from: start, to: end)
        == Self.naive(cron, clock, from: start, to: end))
  }

  @Test func `runs once at the next time there is, and not twice`() throws {
    let clock = try #require(TimeZoneName("Europe/Berlin"))
    // 2026-03-29 02:30 does not exist in Berlin: 03:00 is 01:00 UTC. 2026-10-25 02:30 comes twice.
    let spring = try Cron("30 2 * * *").next(after: 1_774_656_000 + 60 * 60 * 20, on: clock)
    #expect(spring == 1_774_746_000)
    let autumn = try Cron("30 2 25 10 *").next(after: 1_792_800_000, on: clock)
    #expect(autumn == 1_792_888_200)
    let after = try Cron("30 2 25 10 *").next(after: 1_792_888_200, on: clock)
    #expect(after.map { $0 > 1_792_888_200 + 300 * 86_400 } == true)
  }

  @Test func `fits either day if both are restricted, else both`() throws {
    func days(_ text: String) throws -> [Int] {
      let cron = try Cron(text)
      // November 2026 began on a Sunday.
      let first = 20_758
      return (0..<30).filter { cron.contains((first + $0) * 1_440) }.map { $0 + 1 }
    }
    #expect(try days("0 0 13 * fri") == [6, 13, 20, 27])
    #expect(try days("0 0 14 * 5") == [6, 13, 14, 20, 27])
    #expect(try days("0 0 * * 7") == [1, 8, 15, 22, 29])
    #expect(try days("0 0 13-14 11 *") == [13, 14])
    #expect(try days("0 0 */10 * 0-6") == [1, 11, 21])
    #expect(try days("0 0 1-7 12 *") == [])
  }

  @Test(
    arguments: [
      "", "* * * *", "* * * * * *", "60 * * * *", "-1 * * * *", "* 24 * * *", "* * 0 * *",
      "* * 32 * *", "* * * 13 *", "* * * 0 *", "* * * * 8", "5-1 * * * *", "*/0 * * * *",
      "1/2 * * * *", "a * * * *", "* * * foo *", "1,,2 * * * *", "1- * * * *", "@daily",
      "* * 30 feb *", "* * 31 4,6,9,11 *", "٣ * * * *", "99999999999999999999 * * * *",
    ])
  func `is refused if it is none, in two sentences`(_ text: String) {
    let error = #expect(throws: CronError.self) { try Cron(text) }
    #expect("\(error as Any)".contains(". "))
  }

  @Test func `finds days that are years away`() throws {
    let leap = try Cron("0 0 29 2 *")
    // From March 2096 the next 29 February is in 2104.
    #expect(leap.next(after: 46_110 * 1_440).map { $0 / 1_440 } == 49_001)
  }
}

extension Int {
  fileprivate func quotient(_ divisor: Int) -> Int {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }
}
