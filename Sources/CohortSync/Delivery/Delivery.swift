/// Decides what to send of a parcel, when, and what became of each identifier.
///
/// It touches nothing.
///
///     var delivery = Delivery(parcel, keys, settings, seed: 0)
///     switch delivery.next(at: now) {
///     case .send(let ticket, let letter): …  // then delivery.take(verdict, for: ticket, at: now)
///     case .wait(let until): …               // ask again then
///     case .listen: …                        // ask again when a letter is answered
///     case .done: …                          // delivery.delivered
///     }
///
/// Invariants:
///
/// - Letters go out in three phases, naming, removals, additions, and a phase begins when all
///   letters of the one before have their fate, halves and repeats too.
/// - A place stands in at most one letter that is waiting or in flight.
/// - A fate is ``Fate/notSent`` only if no request with the identifier can have been applied.
/// - Letters that wait for another attempt keep new ones from going out, so a destination that is
///   down holds up to ``DeliverySettings/inFlight`` of them, and one that refuses rows their
///   halves.
///
/// A letter without answer is sent again: effects are idempotent. What cannot be seen from here is
/// a server that applies the first copy behind the answer to the second.
package struct Delivery: Sendable {
  /// A letter in flight.
  package struct Ticket: Hashable, Sendable { let number: Int }

  package enum Step: Hashable, Sendable {
    case send(Ticket, Letter)
    /// Nothing can be sent before this time.
    case wait(until: Duration)
    /// Nothing can be sent before a letter in flight is answered.
    case listen
    case done
  }

  private struct Waiting {
    let letter: Letter
    /// How often it was sent without an answer.
    var attempts = 0
    var notBefore = Duration.zero
  }

  private struct Flying {
    let waiting: Waiting
    let sentAt: Duration
  }

  private enum Phase { case naming, removals, additions }

  package let parcel: Parcel
  /// What became of it so far.
  package private(set) var delivered: Delivered
  /// How many identifiers have their fate.
  package private(set) var settled = 0

  private let settings: DeliverySettings
  private var backoff: Backoff
  private var phase = Phase.naming
  /// The first place of the phase that was in no letter yet.
  private var cursor = 0
  private var waiting: [Waiting] = []
  private var flying: [Ticket: Flying] = [:]
  private var ticketCount = 0
  /// Nothing is sent before: the destination asked for it.
  private var pausedUntil = Duration.zero
  /// When the last pause was asked for, and how many in a row, with nothing taken between.
  private var pausedAt = Duration.zero
  private var pauses = 0
  private var lonelyRefusals = 0
  private var hasTaken = false

  /// - Parameters:
  ///   - parcel: What to tell.
  ///   - settings: How hard to try.
  ///   - seed: Of the jitter in waits.
  package init(_ parcel: Parcel, _ settings: DeliverySettings, seed: UInt64) {
    (self.parcel, self.settings) = (parcel, settings)
    backoff = Backoff(settings, seed: seed)
    delivered = Delivered(
      removals: Array(repeating: .notSent, count: parcel.removals.count),
      additions: Array(repeating: .notSent, count: parcel.additions.count))
    if parcel.naming != nil { waiting.append(Waiting(letter: .naming)) }
  }

  // MARK: What to do

  /// Says what to do now, where `now` is of a clock that never goes back.
  ///
  /// A letter that is to be sent counts as in flight from here on.
  package mutating func next(at now: Duration) -> Step {
    guard delivered.stopped == nil else { return flying.isEmpty ? .done : .listen }
    while waiting.isEmpty, flying.isEmpty, cursor == phaseCount {
      switch phase {
      case .naming: phase = .removals
      case .removals: phase = .additions
      case .additions: return .done
      }
      cursor = 0
    }
    guard flying.count < settings.inFlight else { return .listen }
    let hasNew = cursor < phaseCount && waiting.count + flying.count < settings.inFlight
    guard hasNew || !waiting.isEmpty else { return .listen }
    guard now >= pausedUntil else { return .wait(until: pausedUntil) }
    if let index = waiting.firstIndex(where: { $0.notBefore <= now }) {
      return send(waiting.remove(at: index), now)
    }
    if hasNew {
      let isRemoval = phase == .removals
      let places = parcel.places(from: cursor, isRemoval: isRemoval, settings)
      cursor = places.upperBound
      return send(Waiting(letter: .changes(isRemoval: isRemoval, places)), now)
    }
    return waiting.map(\.notBefore).min().map { .wait(until: $0) } ?? .listen
  }

  private var phaseCount: Int {
    switch phase {
    case .naming: 0
    case .removals: parcel.removals.count
    case .additions: parcel.additions.count
    }
  }

  private mutating func send(_ letter: Waiting, _ now: Duration) -> Step {
    let ticket = Ticket(number: ticketCount)
    ticketCount += 1
    flying[ticket] = Flying(waiting: letter, sentAt: now)
    return .send(ticket, letter.letter)
  }

  /// Sends nothing more; letters in flight are still waited for.
  ///
  /// - Parameter words: Why, in two sentences; the first to stop it is kept.
  package mutating func stop(_ words: String) {
    if !isComplete { giveUp(words) }
  }

  private mutating func giveUp(_ words: String, mayWorkLater: Bool = false) {
    guard delivered.stopped == nil else { return }
    (delivered.stopped, delivered.mayWorkLater) = (words, mayWorkLater)
  }

  private var isComplete: Bool {
    phase == .additions && waiting.isEmpty && flying.isEmpty && cursor == phaseCount
  }

  // MARK: What came back

  /// Takes what became of a letter.
  package mutating func take(_ verdict: Verdict, for ticket: Ticket, at now: Duration) {
    guard let flown = flying.removeValue(forKey: ticket) else { return }
    let letter = flown.waiting.letter
    switch verdict {
    case .taken(let taken): settle(letter, taken)
    case .refused(let reason): refuse(letter, reason)
    case .hopeless(let words): giveUp(words)
    case .tooFast(let reason, let retryAfter):
      pause(reason, retryAfter, flown, now)
      var again = flown.waiting
      again.notBefore = pausedUntil
      waiting.append(again)
    case .unsure(let reason, let retryAfter):
      mark(letter, .unsure)
      sendAgain(flown.waiting, reason, retryAfter, now)
    }
  }

  private mutating func settle(_ letter: Letter, _ taken: Verdict.Taken) {
    (hasTaken, pauses) = (true, 0)
    if let position = taken.position {
      delivered.position = max(delivered.position ?? position, position)
    }
    guard case .changes(let isRemoval, let places) = letter else {
      delivered.isNamed = true
      return
    }
    for place in places {
      let offset = place - places.lowerBound
      if let reason = taken.refusals[offset] {
        set(.refused, place, isRemoval)
        delivered.refusals.append(
          Delivered.Refusal(index: place, isRemoval: isRemoval, reason: reason))
        continue
      }
      set(taken.fates?[offset] ?? .accepted, place, isRemoval)
      if !isRemoval, let survivor = taken.survivors[offset] {
        delivered.survivors[place] = survivor
      }
    }
    delivered.sent += places.count - taken.refusals.count
    settled += places.count
  }

  /// Halves a letter down to the row that the destination does not take.
  private mutating func refuse(_ letter: Letter, _ reason: String) {
    guard case .changes(let isRemoval, let places) = letter else {
      return giveUp(
        "The destination does not take the name of the cohort: \(reason). "
          + "Check its 'cohort_id' and 'name'.")
    }
    if places.count > 1 {
      let middle = places.lowerBound + places.count / 2
      for half in [places.lowerBound..<middle, middle..<places.upperBound] {
        waiting.append(Waiting(letter: .changes(isRemoval: isRemoval, half)))
      }
      return
    }
    set(.refused, places.lowerBound, isRemoval)
    delivered.refusals.append(
      Delivered.Refusal(index: places.lowerBound, isRemoval: isRemoval, reason: reason))
    settled += 1
    lonelyRefusals += 1
    if !hasTaken, lonelyRefusals >= settings.lonelyRefusals {
      giveUp(
        "The destination took none of the first \(lonelyRefusals) rows, not even alone: \(reason). "
          + "Check the cohort and the column of the identifier.")
    }
  }

  /// Sends nothing until the destination takes more.
  private mutating func pause(
    _ reason: String, _ retryAfter: Duration?, _ flown: Flying, _ now: Duration
  ) {
    if let retryAfter, retryAfter > settings.patience {
      return giveUp(
        "The destination takes no more requests for \(retryAfter.components.seconds) seconds. "
          + "\(settings.again) after that.", mayWorkLater: true)
    }
    // What was sent before the last pause tells of the same limit.
    if flown.sentAt >= pausedAt || pauses == 0 { (pauses, pausedAt) = (pauses + 1, now) }
    if pauses > settings.attempts {
      return giveUp(
        "The destination takes no requests, after \(settings.attempts) waits: \(reason). "
          + "\(settings.again) later.", mayWorkLater: true)
    }
    let wait =
      retryAfter.map { backoff.wait(asked: $0) } ?? backoff.wait(behind: max(1, pauses))
    pausedUntil = max(pausedUntil, now + wait)
  }

  private mutating func sendAgain(
    _ letter: Waiting, _ reason: String, _ retryAfter: Duration?, _ now: Duration
  ) {
    var again = letter
    again.attempts += 1
    guard again.attempts < settings.attempts else {
      return giveUp(
        "The destination gave no answer to the same request \(again.attempts) times: \(reason). "
          + "\(settings.again) when it works; what is unsure is then sent again.",
        mayWorkLater: true)
    }
    let asked = retryAfter.map { min($0, settings.patience) } ?? .zero
    again.notBefore = now + max(backoff.wait(behind: again.attempts), backoff.wait(asked: asked))
    waiting.append(again)
  }

  // MARK: Fates

  private mutating func mark(_ letter: Letter, _ fate: Fate) {
    guard case .changes(let isRemoval, let places) = letter else { return }
    for place in places { set(fate, place, isRemoval) }
  }

  private mutating func set(_ fate: Fate, _ place: Int, _ isRemoval: Bool) {
    if isRemoval { delivered.removals[place] = fate } else { delivered.additions[place] = fate }
  }
}
