// One fact for each thing that is defined. Of its versions it says how many there are and what the
// newest is: what the earlier ones were was said at their positions.

extension Partners {
  func fact(of id: PartnerID) -> UInt128 {
    guard id.rawValue > 0, Int(id.rawValue) <= records.count else { return 0 }
    let record = self[id]
    var mix = FactMix(.partner)
    mix.add(UInt64(id.rawValue))
    mix.add(record.code.bytes)
    mix.add(record.displayName) { $0.add($1.bytes) }
    mix.add(record.isEnabled) { $0.add($1) }
    mix.add(record.learns)
    return mix.value
  }
}

extension Keys {
  func fact(of id: KeyID) -> UInt128 {
    guard contains(id) else { return 0 }
    let record = self[id]
    var mix = FactMix(.key)
    mix.add(UInt64(id.rawValue))
    mix.add(UInt64(record.issued.kind.rawValue))
    mix.add(UInt64(record.issued.partner?.rawValue ?? 0))
    mix.add(record.issued.label.bytes)
    mix.add(record.issued.permissions.rawValue)
    mix.add(UInt64(record.issued.networks.count))
    for network in record.issued.networks {
      mix.add(network.address.high)
      mix.add(network.address.low)
      mix.add(UInt64(network.prefix))
    }
    mix.add(record.issued.expiresAt)
    mix.add(record.issued.digest)
    mix.add(record.issuedAt.rawValue)
    mix.add(UInt64(bitPattern: record.time.microseconds))
    mix.add(UInt64(record.issuer.rawValue))
    mix.add(record.invalidatedAt)
    return mix.value
  }

  func usageFact(of id: KeyID) -> UInt128 {
    let usage = usage[Int(id.rawValue)]
    guard usage.writes > 0 else { return 0 }
    var mix = FactMix(.usage)
    mix.add(UInt64(id.rawValue))
    mix.add(usage.writes)
    mix.add(usage.lastWrite)
    mix.add(usage.lastTime)
    return mix.value
  }
}

extension Cohorts {
  func fact(of id: CohortID) -> UInt128 {
    guard contains(id) else { return 0 }
    let record = self[id]
    var mix = FactMix(.cohort)
    mix.add(UInt64(id.rawValue))
    mix.add(UInt64(record.partner.rawValue))
    mix.add(record.name.cohortID.bytes)
    mix.add(record.createdAt.rawValue)
    mix.add(record.saidCreatedAt)
    mix.add(record.displayName) { $0.add($1.bytes) }
    mix.add(record.isArchived) { $0.add($1) }
    return mix.value
  }
}

extension Segments {
  func fact(of id: SegmentID) -> UInt128 {
    guard contains(id) else { return 0 }
    var mix = FactMix(.segment)
    mix.add(self[id].versions) { mix, saved in
      mix.add(UInt64(saved.segment.rawValue))
      mix.add(UInt64(saved.version))
      mix.add(saved.name.bytes)
      mix.add(saved.description.bytes)
      mix.add(saved.tags)
      mix.add(saved.filter)
    }
    mix.add(self[id].isArchived) { $0.add($1) }
    return mix.value
  }
}

extension Campaigns {
  func fact(of reference: CampaignReference) -> UInt128 {
    guard contains(reference) else { return 0 }
    let record = self[reference]
    var mix = FactMix(.campaign)
    mix.add(reference)
    mix.add(record.versions) { mix, saved in
      mix.add(UInt64(saved.version))
      mix.add(saved.name.bytes)
      mix.add(saved.description.bytes)
      mix.add(saved.tags)
      mix.add(saved.audience)
    }
    mix.add(record.isArchived) { $0.add($1) }
    mix.add(UInt64(record.sends.count))
    if let send = record.sends.last.flatMap({ self[$0] }) {
      mix.add(UInt64(send.frozen.send.rawValue))
      mix.add(send.position.rawValue)
      mix.add(UInt64(send.frozen.version))
      mix.add(send.frozen.position.rawValue)
      mix.add(send.frozen.instant)
      for segment in send.frozen.segments {
        mix.add(UInt64(segment.segment.rawValue))
        mix.add(UInt64(segment.version))
      }
      mix.add(send.frozen.audience)
      mix.add(send.frozen.size)
      mix.add(send.frozen.digest)
    }
    return mix.value
  }
}

extension FactMix {
  fileprivate mutating func add<Value>(
    _ versions: Versions<Value>, _ add: (inout FactMix, Value) -> Void
  ) {
    self.add(UInt64(versions.all.count))
    guard let newest = versions.all.last else { return }
    self.add(newest.position.rawValue)
    self.add(UInt64(bitPattern: newest.time.microseconds))
    add(&self, newest.value)
  }

  fileprivate mutating func add(_ texts: [Text]) {
    add(UInt64(texts.count))
    for text in texts { add(text.bytes) }
  }

  fileprivate mutating func add(_ reference: CampaignReference) {
    add(UInt64(reference.kind.rawValue) << 32 | UInt64(reference.number))
  }

  fileprivate mutating func add(_ audience: Audience) {
    add(UInt64(audience.segments.count))
    for segment in audience.segments { add(UInt64(segment.rawValue)) }
    add(audience.filter != nil)
    if let filter = audience.filter { add(filter) }
  }

  /// A tree from the root down: a tag for each node, and how many are below it.
  fileprivate mutating func add(_ filter: Filter) {
    switch filter {
    case .and(let parts): add(1, parts)
    case .or(let parts): add(2, parts)
    case .not(let part): add(3, [part])
    case .includes(let cohorts): add(4, cohorts)
    case .excludes(let cohorts): add(5, cohorts)
    case .segment(let segment):
      add(6)
      add(UInt64(segment.rawValue))
    case .entered(let cohort, let period): add(7, cohort, UInt64(period.seconds))
    case .left(let cohort, let period): add(8, cohort, UInt64(period.seconds))
    case .memberFor(let cohort, let period): add(9, cohort, UInt64(period.seconds))
    case .memberAsOf(let cohort, .position(let position)): add(10, cohort, position.rawValue)
    case .memberAsOf(let cohort, .instant(let instant)):
      add(11, cohort, UInt64(bitPattern: instant.microseconds))
    }
  }

  private mutating func add(_ tag: UInt64, _ parts: [Filter]) {
    add(tag)
    add(UInt64(parts.count))
    for part in parts { add(part) }
  }

  private mutating func add(_ tag: UInt64, _ cohorts: [CohortID]) {
    add(tag)
    add(UInt64(cohorts.count))
    for cohort in cohorts { add(UInt64(cohort.rawValue)) }
  }

  private mutating func add(_ tag: UInt64, _ cohort: CohortID, _ word: UInt64) {
    add(tag)
    add(UInt64(cohort.rawValue))
    add(word)
  }
}
