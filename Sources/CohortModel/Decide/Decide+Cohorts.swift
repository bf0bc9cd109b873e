extension LedgerState {
  func refusal(of wish: NameCohort) -> Refusal? {
    guard partners[wish.cohort.partner] != nil else { return .unknownPartner(wish.cohort.partner) }
    guard Self.isName(wish.cohort.cohortID) else { return .invalidName("cohort_id") }
    guard Self.isName(wish.name) else { return .invalidName("name") }
    guard let cohort = cohorts[wish.cohort], cohorts.isArchived(cohort) else { return nil }
    return .cohortArchived(wish.cohort)
  }

  mutating func perform(_ wish: NameCohort, _ draft: inout Draft) -> Answer {
    guard let partner = partners[wish.cohort.partner] else { return .done }
    let cohort = cohorts[wish.cohort]
    let record = cohort.map { cohorts[$0] }
    if record?.displayName.latest != wish.name || record?.saidCreatedAt == nil {
      self.record(
        .cohortNamed(
          CohortNamed(
            cohort: cohort ?? cohorts.next, partner: partner, cohortID: wish.cohort.cohortID,
            name: wish.name, createdAt: record?.saidCreatedAt ?? wish.createdAt)), in: &draft)
    }
    return .done
  }

  mutating func perform(
    archiving name: CohortName, _ archive: Bool, _ draft: inout Draft
  ) throws(Refusal) -> Answer {
    let cohort = try find(name)
    if cohorts.isArchived(cohort) != archive {
      record(archive ? .cohortArchived(cohort) : .cohortRestored(cohort), in: &draft)
    }
    return .archived(dependants(of: cohort))
  }

  /// The cohort of that name.
  ///
  /// - Throws: ``Refusal/unknownCohort(_:nearest:)`` with the name that looks most like it.
  public func find(_ name: CohortName) throws(Refusal) -> CohortID {
    if let cohort = cohorts[name] { return cohort }
    throw .unknownCohort(
      name,
      nearest: NearestText.alike(to: name.description, in: cohorts.records.lazy.map(\.name)))
  }
}
