import CohortModel

/// What became of some tellings.
package struct Answered: Sendable {
  /// One for each telling.
  package var fates: [Fate]
  /// Of the destination, by the place of the telling.
  package var reasons: [Int: String] = [:]
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
    for round in Rounds(tellings).rounds {
      for group in round {
        take(
          carry(group.parcel(tellings, to: cohorts[group.cohort]), &answered), of: group, &answered)
        guard answered.stopped == nil else { return answered }
      }
    }
    return answered
  }

  private func carry(_ parcel: Parcel, _ answered: inout Answered) -> Delivered {
    let delivered = carrier.carry(parcel, stop: stop) { _ in }
    answered.sent += delivered.sent
    answered.stopped = delivered.stopped.map { redaction.apply($0) }
    answered.mayWorkLater = delivered.mayWorkLater
    return delivered
  }

  private func take(
    _ delivered: Delivered, of group: Rounds.Group, _ answered: inout Answered
  ) {
    for (place, fate) in zip(group.removals, delivered.removals) { answered.fates[place] = fate }
    for (place, fate) in zip(group.additions, delivered.additions) { answered.fates[place] = fate }
    for refusal in delivered.refusals {
      let place = (refusal.isRemoval ? group.removals : group.additions)[refusal.index]
      answered.reasons[place] = redaction.apply(refusal.reason)
    }
  }
}
