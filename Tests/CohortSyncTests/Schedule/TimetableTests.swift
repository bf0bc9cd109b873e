import CohortModel
import CohortSync
import Testing

@Suite struct `A timetable` {
  static func every(_ seconds: UInt64, lastStart: Int?, now: Int) throws -> Timetable {
    let period = try #require(Period(seconds: seconds))
    return Timetable(.every(period), lastStart: lastStart, now: now)
  }

  @Test func `runs at once what has never run`() throws {
    var table = try Self.every(60, lastStart: nil, now: 1_000)
    #expect(table.tick(1_000) == .run(due: 1_000))
    table.finished()
    #expect(table.tick(1_059) == nil)
    #expect(table.tick(1_060) == .run(due: 1_060))
  }

  @Test func `makes up one of many missed runs, and keeps the beat`() throws {
    var table = try Self.every(60, lastStart: 1_000, now: 1_599)
    #expect(table.tick(1_599) == .run(due: 1_060))
    table.finished()
    #expect(table.tick(1_599) == nil)
    #expect(table.due == 1_600)
  }

  @Test func `skips what is due while a run is going on`() throws {
    var table = try Self.every(60, lastStart: 1_000, now: 1_001)
    #expect(table.tick(1_060) == .run(due: 1_060))
    #expect(table.tick(1_120) == .skip(due: 1_120))
    #expect(table.tick(1_121) == nil)
    table.finished()
    #expect(table.tick(1_180) == .run(due: 1_180))
  }

  @Test func `makes up one missed run of a cron text, and waits for the first of a new one`() throws
  {
    let zone = try #require(TimeZoneName("UTC"))
    let schedule = Schedule.cron(try Cron("0 6 * * *"), zone)
    var new = Timetable(schedule, lastStart: nil, now: 1_000)
    #expect(new.tick(1_000) == nil && new.due == 21_600)
    #expect(new.tick(21_600) == .run(due: 21_600))
    var late = Timetable(schedule, lastStart: 21_600, now: 10 * 86_400)
    #expect(late.tick(10 * 86_400) == .run(due: 21_600 + 86_400))
    late.finished()
    #expect(late.tick(10 * 86_400) == nil)
    #expect(late.due == 10 * 86_400 + 21_600)
  }

  @Test func `is not held up by a clock that was ahead`() throws {
    let table = try Self.every(60, lastStart: 9_000_000, now: 1_000)
    #expect(table.due == 1_060)
  }
}
