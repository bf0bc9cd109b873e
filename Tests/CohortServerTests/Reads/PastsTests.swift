import CohortLedger
import CohortModel
import TestSupport
import Testing

@testable import CohortServer

@Suite struct `What is kept of the past` {
  private static func some(_ number: Int) -> LiveUsers {
    var users: [UInt32] = []
    for index in 0...(number * 37 % 900) { users.append(UInt32(index * 3 + number)) }
    return LiveUsers(sorted: users.span)
  }

  private static func subject(_ number: Int) -> Pasts.Subject {
    Pasts.Subject(
      what: .cohort(CohortID(UInt32(number % 5))), position: Position(UInt64(number / 5)),
      identities: number.isMultiple(of: 2) ? nil : Position(9))
  }

  @Test func `is what was found, within its bounds, and found again when it went`() {
    var random = SeededRandom(seed: 1)
    let pasts = Pasts(bytesMax: 12_000)
    var (searches, hits) = (0, 0)
    for _ in 0..<3_000 {
      // Some are asked about far more often than others.
      let number = random.once(in: 2) ? random.below(3) : random.below(60)
      let before = searches
      let found = pasts.users(Self.subject(number)) {
        searches += 1
        return Pasts.Users(users: Self.some(number), gone: LiveUsers())
      }
      #expect(found.users == Self.some(number))
      #expect(pasts.byteCount <= 12_000)
      hits += searches == before ? 1 : 0
    }
    #expect(hits > 1_400 && searches > 100)
  }

  @Test func `is not what would push out all the rest`() {
    let pasts = Pasts(bytesMax: 1_000)
    let many = Array(0..<2_000 as Range<UInt32>)
    let great = LiveUsers(sorted: many.span)
    var searches = 0
    for _ in 0..<3 {
      _ = pasts.users(Self.subject(1)) {
        searches += 1
        return Pasts.Users(users: great, gone: LiveUsers())
      }
    }
    #expect(searches == 3 && pasts.byteCount == 0)
  }

  @Test func `is nothing that failed`() {
    let pasts = Pasts()
    var hasFailed = false
    do {
      _ = try pasts.users(Self.subject(1), orFind: Self.fail)
    } catch { hasFailed = true }
    #expect(hasFailed && pasts.byteCount == 0)
  }

  private static func fail() throws -> Pasts.Users { throw LedgerError.shuttingDown }
}
