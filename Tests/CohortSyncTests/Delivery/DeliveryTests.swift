import CohortModel
import CohortSync
import TestSupport
import Testing

@Suite struct `A delivery` {
  private static func settings(_ change: (inout DeliverySettings) -> Void = { _ in })
    -> DeliverySettings
  {
    var settings = DeliverySettings()
    (settings.batchCount, settings.inFlight) = (4, 3)
    change(&settings)
    return settings
  }

  @Test func `loses no row and applies none twice, however the destination behaves`() {
    var stopped = 0
    for seed in 0..<UInt64(seedCount(600)) {
      var random = SeededRandom(seed: seed &+ 0xde11)
      let all = (0..<random.below(60)).map { "c\($0)" }
      let (out, `in`) = (all.filter { _ in random.once(in: 3) }, all)
      let entering = `in`.filter { !out.contains($0) }
      var destination = DestinationDouble(users: Set(all.filter { _ in !random.once(in: 8) }))
      destination.members = Set(all.filter { _ in random.once(in: 2) })
        .intersection(destination.users)
      destination.bad = Set(all.filter { _ in random.once(in: 12) })
      let parcel = parcel(
        removing: out, adding: entering, named: random.once(in: 2),
        wantsResults: random.once(in: 2))
      let settings = Self.settings {
        $0.batchCount = 1 + random.below(9)
        $0.inFlight = 1 + random.below(5)
        $0.attempts = 2 + random.below(8)
      }
      var drive = DeliveryDrive(
        parcel, to: destination, settings, seed: seed, politeness: 1 + random.below(6))
      drive.run()
      expectTruth(drive.delivery.delivered, of: parcel, at: drive.destination)
      if drive.delivery.delivered.stopped == nil {
        #expect(drive.delivery.settled == all.count)
        #expect(drive.delivery.delivered.refusals.count == destination.bad.count)
      } else {
        stopped += 1
      }
    }
    #expect(stopped > 0 && stopped < seedCount(600) * 3 / 4, "\(stopped) were stopped")
  }

  @Test func `ends right in every order of answers, and whatever each of them is`() {
    let parcel = parcel(removing: ["r"], adding: ["a", "bad"])
    var destination = DestinationDouble(users: ["r", "a", "bad"], bad: ["bad"])
    destination.members = ["r"]
    let settings = Self.settings {
      ($0.batchCount, $0.inFlight, $0.attempts) = (1, 2, 2)
    }
    var ends = (done: 0, stopped: 0)
    func go(
      _ delivery: Delivery, _ destination: DestinationDouble,
      _ flying: [(Delivery.Ticket, Letter)], _ now: Duration
    ) {
      var (delivery, flying, now) = (delivery, flying, now)
      asking: while true {
        switch delivery.next(at: now) {
        case .send(let ticket, let letter): flying.append((ticket, letter))
        // With a letter in flight its answer may come before the wait is over.
        case .wait(let until) where flying.isEmpty: now = until
        case .wait, .listen: break asking
        case .done:
          expectTruth(delivery.delivered, of: parcel, at: destination)
          if delivery.delivered.stopped == nil { ends.done += 1 } else { ends.stopped += 1 }
          return
        }
      }
      for (index, (ticket, letter)) in flying.enumerated() {
        for manner in [DestinationDouble.Manner.answers, .errorAfter, .cutBefore, .tooFast] {
          var (branch, world, rest) = (delivery, destination, flying)
          rest.remove(at: index)
          let result = world.take(parcel.request(letter, Keys.both), manner)
          branch.take(Verdict(result, to: letter, of: parcel), for: ticket, at: now)
          go(branch, world, rest, now)
        }
      }
    }
    go(Delivery(parcel, settings, seed: 7), destination, [], .zero)
    #expect(ends.done > 1_000 && ends.stopped > 1_000, "\(ends)")
  }

  @Test func `finds the bad rows of a large batch, and no more than that are refused`() {
    let all = (0..<1_000).map { "c\($0)" }
    let bad: Set = ["c17", "c18", "c999"]
    let parcel = parcel(adding: all)
    var drive = DeliveryDrive(
      parcel, to: DestinationDouble(users: Set(all), bad: bad), DeliverySettings(), seed: 1,
      politeness: .max)
    drive.run()
    let delivered = drive.delivery.delivered
    expectTruth(delivered, of: parcel, at: drive.destination)
    #expect(Set(delivered.refusals.map { parcel.additions.name($0.index) }) == bad)
    #expect(delivered.refusals.allSatisfy { $0.reason == "400 'cohort_changes must be an array'" })
    #expect(drive.destination.members == Set(all).subtracting(bad))
    // A bad row among a thousand takes two requests for each halving.
    #expect(drive.requests <= 1 + 3 * 2 * 10)
  }

  @Test func `gives up where every row is refused, instead of sending each alone`() {
    let all = (0..<5_000).map { "c\($0)" }
    let parcel = parcel(adding: all)
    var drive = DeliveryDrive(
      parcel, to: DestinationDouble(users: [], bad: Set(all)), DeliverySettings(), seed: 1,
      politeness: .max)
    drive.run()
    #expect(drive.delivery.delivered.stopped?.hasPrefix("The destination took none of") == true)
    expectTruth(drive.delivery.delivered, of: parcel, at: drive.destination)
  }

  @Test(arguments: [301, 401, 403, 404, 405, 409, 422, 423])
  func `stops at an answer that no repeating changes`(_ status: Int) {
    for message in ["Nothing doing", ""] {
      let parcel = parcel(removing: ["a"], adding: ["b"])
      var delivery = Delivery(parcel, DeliverySettings(), seed: 0)
      guard case .send(let ticket, let letter) = delivery.next(at: .zero) else {
        Issue.record("nothing is sent")
        return
      }
      let answer = DestinationAnswer(
        status: status, body: Array(#"{"message":"\#(message)"}"#.utf8))
      delivery.take(Verdict(.success(answer), to: letter, of: parcel), for: ticket, at: .zero)
      #expect(delivery.next(at: .zero) == .done)
      #expect(delivery.delivered.removals == [.notSent])
      #expect(delivery.delivered.additions == [.notSent])
      let said = message.isEmpty ? "\(status)." : "\(status) 'Nothing doing'."
      #expect(delivery.delivered.stopped?.hasPrefix("The destination answers \(said)") == true)
    }
  }

  @Test func `waits as long as the destination asks for, and lets nothing out before`() {
    let parcel = parcel(adding: ["a", "b"])
    var delivery = Delivery(parcel, Self.settings { $0.batchCount = 1 }, seed: 0)
    guard case .send(let ticket, _) = delivery.next(at: .seconds(5)) else {
      Issue.record("nothing is sent")
      return
    }
    delivery.take(
      .tooFast("429", retryAfter: .seconds(1_800)), for: ticket, at: .seconds(5))
    guard case .wait(let until) = delivery.next(at: .seconds(5)) else {
      Issue.record("it does not wait")
      return
    }
    #expect(until >= .seconds(1_805) && until <= .seconds(1_806))
    #expect(delivery.next(at: until - .nanoseconds(1)) == .wait(until: until))
    guard case .send = delivery.next(at: until) else {
      Issue.record("it waits for ever")
      return
    }
  }

  @Test func `does not wait for days`() {
    let parcel = parcel(adding: ["a"])
    var delivery = Delivery(parcel, DeliverySettings(), seed: 0)
    guard case .send(let ticket, _) = delivery.next(at: .zero) else { return }
    delivery.take(.tooFast("429", retryAfter: .seconds(86_400)), for: ticket, at: .zero)
    #expect(delivery.next(at: .zero) == .done)
    #expect(delivery.delivered.additions == [.notSent])
    #expect(delivery.delivered.stopped?.contains("86400 seconds") == true)
  }

  @Test func `says that what got no answer is unsure, even if it is refused for haste later`()
    throws
  {
    let parcel = parcel(adding: ["a"])
    var delivery = Delivery(parcel, DeliverySettings(), seed: 0)
    var now = Duration.zero
    for verdict in [
      Verdict.unsure("connection lost", retryAfter: nil),
      .tooFast("429", retryAfter: .seconds(1)),
      .hopeless("The destination answers 401. Check."),
    ] {
      let next = delivery.ticket(from: &now)
      let ticket = try #require(next)
      delivery.take(verdict, for: ticket, at: now)
    }
    #expect(delivery.next(at: now) == .done)
    #expect(delivery.delivered.additions == [.unsure])
  }

  @Test func `sends nothing after it was told to stop, and reports what is answered then`() {
    let parcel = parcel(adding: ["a", "b", "c"])
    var delivery = Delivery(
      parcel, Self.settings { ($0.batchCount, $0.inFlight) = (1, 1) }, seed: 0)
    guard case .send(let ticket, _) = delivery.next(at: .zero) else { return }
    delivery.stop("Enough. Go on later.")
    #expect(delivery.next(at: .zero) == .listen)
    delivery.take(.taken(Verdict.Taken(fates: [.added])), for: ticket, at: .zero)
    #expect(delivery.next(at: .zero) == .done)
    #expect(delivery.delivered.additions == [.added, .notSent, .notSent])
    #expect(delivery.delivered.stopped == "Enough. Go on later.")
  }

  @Test func `is not stopped any more when it is over`() {
    var delivery = Delivery(parcel(), DeliverySettings(), seed: 0)
    #expect(delivery.next(at: .zero) == .done)
    delivery.stop("Too late. Nothing to do.")
    #expect(delivery.delivered.stopped == nil)
  }

  @Test func `keeps what it sends at once below the largest body of the contract`() {
    let parcel = parcel(
      adding: (0..<2_000).map { "\($0)" + String(repeating: "\u{1}", count: 1_020) })
    var delivery = Delivery(parcel, DeliverySettings(), seed: 0)
    var places: [Int] = []
    while case .send(let ticket, let letter) = delivery.next(at: .zero) {
      #expect(parcel.request(letter, Keys.both).body.count < 4 << 20)
      if case .changes(_, let range) = letter { places += Array(range) }
      delivery.take(.taken(Verdict.Taken()), for: ticket, at: .zero)
    }
    #expect(places == Array(0..<2_000))
  }

  @Test func `doubles its waits up to the longest, and no wait is like another`() {
    let settings = DeliverySettings()
    var backoff = Backoff(settings, seed: 3)
    var full = settings.firstWait
    for attempt in 1...80 {
      let waits = (0..<20).map { _ in backoff.wait(behind: attempt) }
      #expect(waits.allSatisfy { $0 >= full / 2 && $0 <= full })
      #expect(Set(waits).count == waits.count)
      full = min(full * 2, settings.longestWait)
    }
  }
}

extension Delivery {
  /// The next letter that goes out, if any does without an answer.
  fileprivate mutating func ticket(from now: inout Duration) -> Ticket? {
    while true {
      switch next(at: now) {
      case .send(let ticket, _): return ticket
      case .wait(let until): now = until
      case .listen, .done: return nil
      }
    }
  }
}
