import CohortSync
import TestSupport
import Testing

/// Carries a delivery to its end without a thread or a clock, in an order that chance decides.
struct DeliveryDrive {
  struct Flying {
    let ticket: Delivery.Ticket
    let letter: Letter
    /// Once the destination has seen it.
    var result: Result<DestinationAnswer, NoAnswer>?
  }

  var delivery: Delivery
  var destination: DestinationDouble
  let settings: DeliverySettings
  var flying: [Flying] = []
  var now = Duration.zero
  var requests = 0
  var random: SeededRandom
  /// One of so many requests is treated badly.
  let politeness: Int

  init(
    _ parcel: Parcel, to destination: DestinationDouble, _ settings: DeliverySettings, seed: UInt64,
    politeness: Int
  ) {
    delivery = Delivery(parcel, settings, seed: seed)
    (self.destination, self.settings, self.politeness) = (destination, settings, politeness)
    random = SeededRandom(seed: seed)
  }

  mutating func run() {
    while true {
      switch random.below(3) {
      case 0:
        let unseen = flying.indices.filter { flying[$0].result == nil }
        if let index = unseen.randomElement(using: &random) { see(index) }
      case 1:
        let seen = flying.indices.filter { flying[$0].result != nil }
        if let index = seen.randomElement(using: &random) { answer(index) }
      default:
        switch delivery.next(at: now) {
        case .send(let ticket, let letter): send(ticket, letter)
        case .wait(let until):
          #expect(until > now, "a wait that is over is none")
          now += random.once(in: 2) ? until - now : (until - now) / 2 + .nanoseconds(1)
        case .listen: #expect(!flying.isEmpty, "nobody will speak")
        case .done:
          #expect(flying.isEmpty)
          return
        }
      }
    }
  }

  private mutating func send(_ ticket: Delivery.Ticket, _ letter: Letter) {
    #expect(flying.count < settings.inFlight)
    #expect(letter.count <= settings.batchCount)
    if case .changes(let isRemoval, _) = letter, delivery.delivered.stopped == nil {
      if !isRemoval {
        let isOver = delivery.delivered.removals.allSatisfy { $0 != .notSent && $0 != .unsure }
        #expect(isOver, "all that leaves is answered before anything enters")
      }
      #expect(delivery.parcel.naming == nil || delivery.delivered.isNamed)
    }
    flying.append(Flying(ticket: ticket, letter: letter))
    requests += 1
  }

  private mutating func see(_ index: Int) {
    let request = delivery.parcel.request(flying[index].letter, Keys.both)
    let manners = DestinationDouble.Manner.allCases
    let isRude = random.once(in: politeness)
    let manner = isRude ? manners[random.below(manners.count)] : .answers
    // No destination refuses one row for its size now and takes it later.
    let isSmall = manner == .refusesSize && flying[index].letter.count <= 1
    flying[index].result = destination.take(request, isSmall ? .answers : manner)
  }

  private mutating func answer(_ index: Int) {
    let flown = flying.remove(at: index)
    guard let result = flown.result else { return }
    delivery.take(
      Verdict(result, to: flown.letter, of: delivery.parcel), for: flown.ticket, at: now)
  }
}
