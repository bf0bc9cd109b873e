import CohortModel

/// What became of some tellings.
package struct Answered: Sendable {
  /// One for each telling.
  package var fates: [Fate]
  /// Of the destination, by the place of the telling.
  package var reasons: [Int: String] = [:]
  /// Places of tellings that were answered to an identifier of before.
  package var formerly: Set<Int> = []
  /// Namings that were taken, from the first.
  package var named = 0
  /// Identifiers in requests that were answered with success.
  package var sent = 0
  /// Why the destination was given up; two sentences.
  package var stopped: String?
  /// Whether it may work again without anybody doing something about it.
  package var mayWorkLater = false

  package init(count: Int) { fates = Array(repeating: .notSent, count: count) }

  /// Users of whom something was not answered.
  func unanswered(_ tellings: [Telling]) -> Set<UserID> {
    var users: Set<UserID> = []
    for (telling, fate) in zip(tellings, fates) where fate == .notSent || fate == .unsure {
      if let user = telling.user { users.insert(user) }
    }
    return users
  }
}

/// Tells a destination, round after round.
struct Teller: Sendable {
  let carrier: any Carrier
  /// As the destination calls them, by their places.
  var cohorts: [CohortName] = []
  let redaction: Redaction
  let stop: StopSign

  init(carrier: any Carrier, redaction: Redaction, stop: StopSign) {
    (self.carrier, self.redaction, self.stop) = (carrier, redaction, stop)
  }

  /// Tells names in their order, and then the tellings.
  ///
  /// What follows something that the destination gave no answer to is not sent.
  func tell(
    _ namings: [(cohort: Int, name: Text, createdAt: Instant)], _ tellings: [Telling]
  ) -> Answered {
    var answered = Answered(count: tellings.count)
    for naming in namings {
      let parcel = Parcel(
        cohort: cohorts[naming.cohort], kind: .externalID,
        naming: Parcel.Naming(name: naming.name, createdAt: naming.createdAt), removals: .none,
        additions: .none, wantsResults: false)
      _ = carry(parcel, &answered)
      guard answered.stopped == nil else { return answered }
      answered.named += 1
    }
    let places = Array(tellings.indices)
    for round in Rounds(tellings).rounds {
      for group in round {
        take(carry(group, of: tellings, &answered), of: group, at: places, &answered)
        guard answered.stopped == nil else { return answered }
      }
      tellByFormers(tellings, round.flatMap(\.removals), &answered)
      guard answered.stopped == nil else { return answered }
    }
    return answered
  }

  /// Tells out by the identifiers of before whom the destination does not know by that of now.
  ///
  /// It may hear of a change at any moment. So the oldest comes first and that of now once more at
  /// the end: whichever it knows somebody by, that one is still to come.
  private func tellByFormers(
    _ tellings: [Telling], _ removals: [Int], _ answered: inout Answered
  ) {
    func isOpen(_ place: Int) -> Bool {
      // Who answers for all at once does not say whom it knows.
      answered.fates[place] == .unknown || answered.fates[place] == .accepted
    }
    var open = removals.filter { !tellings[$0].formers.isEmpty && isOpen($0) }
    var step = 0
    while !open.isEmpty {
      let again = open.map { place in
        let telling = tellings[place]
        return Telling(
          telling.user, telling.cohort,
          step < telling.formers.count ? telling.formers[step] : telling.identifier,
          isRemoval: true)
      }
      for group in Rounds(again).rounds.joined() {
        take(carry(group, of: again, &answered), of: group, at: open, &answered)
        guard answered.stopped == nil else {
          for place in open where isOpen(place) { answered.fates[place] = .notSent }
          return
        }
      }
      let found = open.filter { !isOpen($0) && step < tellings[$0].formers.count }
      answered.formerly.formUnion(found)
      step += 1
      open.removeAll { !isOpen($0) || step > tellings[$0].formers.count }
    }
  }

  private func carry(
    _ group: Rounds.Group, of tellings: [Telling], _ answered: inout Answered
  ) -> Delivered {
    carry(group.parcel(tellings, to: cohorts[group.cohort]), &answered)
  }

  private func carry(_ parcel: Parcel, _ answered: inout Answered) -> Delivered {
    let delivered = carrier.carry(parcel, stop: stop) { _ in }
    answered.sent += delivered.sent
    answered.stopped = delivered.stopped.map { redaction.apply($0) }
    answered.mayWorkLater = delivered.mayWorkLater
    return delivered
  }

  /// Enters answers; `places` say where the tellings of the group stand among all.
  private func take(
    _ delivered: Delivered, of group: Rounds.Group, at places: [Int], _ answered: inout Answered
  ) {
    for (number, fate) in zip(group.removals, delivered.removals) {
      answered.fates[places[number]] = fate
    }
    for (number, fate) in zip(group.additions, delivered.additions) {
      answered.fates[places[number]] = fate
    }
    for refusal in delivered.refusals {
      let number = (refusal.isRemoval ? group.removals : group.additions)[refusal.index]
      answered.reasons[places[number]] = redaction.apply(refusal.reason)
    }
  }
}
