import CohortModel
import CohortSync
import Synchronization
import TestSupport
import Testing

@Suite struct `A courier` {
  @Test func `carries everything past a destination that behaves badly, on many threads`() {
    for seed in 0..<UInt64(seedCount(20)) {
      let all = (0..<500).map { "c\($0)" }
      var double = DestinationDouble(users: Set(all.dropFirst(20)))
      double.members = Set(all.dropFirst(20).prefix(200))
      double.bad = ["c40", "c300"]
      let destination = RudeDestination(double, seed: seed)
      let parcel = parcel(
        removing: Array(all.prefix(150)), adding: Array(all.dropFirst(150)), named: true)
      var settings = DeliverySettings()
      (settings.batchCount, settings.attempts) = (16, 30)
      let shown = Mutex<[Int]>([])
      let courier = Courier(
        destination, Keys.both, settings: settings, clock: JumpingClock(), seed: seed)
      let delivered = courier.carry(parcel, stop: StopSign()) { count in
        shown.withLock { $0.append(count) }
      }
      let seen = destination.seen
      expectTruth(delivered, of: parcel, at: seen)
      #expect(delivered.stopped == nil)
      #expect(delivered.isNamed && seen.names.allSatisfy { $0 == "Best" })
      #expect(delivered.refusals.count == 2)
      #expect(delivered.position == Position(seen.position))
      #expect(shown.withLock { $0 } == shown.withLock { Set($0).sorted() })
      #expect(shown.withLock { $0.last } == all.count)
    }
  }

  @Test func `begins nothing once the stop sign is up`() {
    let stop = StopSign()
    let all = (0..<100).map { "c\($0)" }
    let destination = RudeDestination(DestinationDouble(users: Set(all)), seed: nil) { count in
      if count == 3 { stop.raise() }
    }
    var settings = DeliverySettings()
    (settings.batchCount, settings.inFlight) = (1, 1)
    let parcel = parcel(adding: all)
    let courier = Courier(
      destination, Keys.both, settings: settings, clock: JumpingClock(), seed: 0)
    let delivered = courier.carry(parcel, stop: stop) { _ in }
    #expect(delivered.sent == 3)
    #expect(delivered.stopped?.hasPrefix("The run was ended") == true)
    expectTruth(delivered, of: parcel, at: destination.seen)
  }

  @Test func `gives a destination up that never answers, and says what it knows`() {
    let parcel = parcel(removing: ["a"], adding: ["b"])
    let courier = Courier(NoDestination(), Keys.both, clock: JumpingClock(), seed: 0)
    let delivered = courier.carry(parcel, stop: StopSign()) { _ in }
    #expect(delivered.removals == [.unsure])
    #expect(delivered.additions == [.notSent])
    #expect(delivered.stopped?.contains("10 times: connection refused") == true)
  }

  @Test func `has nothing to do with an empty parcel`() {
    let courier = Courier(NoDestination(), Keys.both, clock: JumpingClock(), seed: 0)
    let delivered = courier.carry(parcel(), stop: StopSign()) { _ in }
    #expect(delivered.stopped == nil)
  }
}

private struct NoDestination: Destination {
  func send(_ request: DestinationRequest) throws(NoAnswer) -> DestinationAnswer {
    throw NoAnswer(reason: "connection refused")
  }
}

/// A destination of bad manners that many threads call.
private final class RudeDestination: Destination {
  private struct State {
    var double: DestinationDouble
    var random: SeededRandom?
    var count = 0
  }

  private static let manners = DestinationDouble.Manner.allCases.filter { $0 != .refusesSize }
  private let state: Mutex<State>
  private let told: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - double: What it is.
  ///   - seed: Of its manners; `nil` for good ones.
  ///   - told: Called with the number of each request.
  init(
    _ double: DestinationDouble, seed: UInt64?, told: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    state = Mutex(State(double: double, random: seed.map { SeededRandom(seed: $0) }))
    self.told = told
  }

  var seen: DestinationDouble { state.withLock { $0.double } }

  func send(_ request: DestinationRequest) throws(NoAnswer) -> DestinationAnswer {
    let (count, result) = state.withLock { state in
      state.count += 1
      var manner = DestinationDouble.Manner.answers
      if state.random?.once(in: 3) == true, let index = state.random?.below(Self.manners.count) {
        manner = Self.manners[index]
      }
      return (state.count, state.double.take(request, manner))
    }
    told(count)
    return try result.get()
  }
}

/// Never waits: its hands jump to the end of every sleep.
final class JumpingClock: CourierClock {
  private let time = Mutex(Duration.zero)

  func now() -> Duration { time.withLock { $0 } }

  func sleep(for duration: Duration) { time.withLock { $0 += duration } }
}
