import CohortLedger
import CohortModel
import CohortWire

// What cohorts there are: `GET /ledger/cohorts`, `GET /ledger/cohorts/{partner}/{cohort_id}`.

extension Question {
  /// The cohorts that existed, in the order in which they were first named; those alone that a
  /// search finds, if there is one.
  func cohorts() throws -> Answered {
    let standing = try standing()
    let partner = standing.query[.partner]
    if let partner, standing.view.state.partners[partner] == nil {
      throw WireError(Refusal.unknownPartner(partner), subject: .partner(partner))
    }
    let view = standing.view
    let wish = CohortWish(
      partner: partner, search: try standing.query.search(),
      takesArchived: try standing.query.choice(.includeArchived, ["true", "false"]) == "true")
    let count = UInt64(view.state.cohorts.count)
    let listing = Listing(key: "cohorts", places: 1..<count + 1) { after, limit in
      var shapes: [CohortShape] = []
      var number = after
      while shapes.count < limit, let cohort = view.cohort(after: number, wish) {
        shapes.append(CohortShape(try view.standing(of: cohort)))
        number = UInt64(cohort.rawValue)
      }
      let hasMore = shapes.count == limit && view.cohort(after: number, wish) != nil
      return Listing.Batch(shapes, next: hasMore ? number : nil) { $0.cohort($1) }
    }
    return try answer(listing, standing) { _ in }
  }

  func cohort() throws -> Answered {
    let standing = try standing()
    let shape = try standing.view.shape(of: cohortOfPath())
    return .value(at: standing.view.position) {
      $0.cohort(shape, asOf: standing.view.asOfShape)
    }
  }

  /// The cohort that the path names; or the query, if the path has `-` for it: no URL can have a
  /// segment `.` or `..`, however it is escaped (RFC 3986, section 5.2.4).
  ///
  /// - Throws: 404 with the nearest name for one that does not exist now: of one that did not exist
  ///   then, it can be said that it did not.
  func cohortOfPath() throws -> CohortID {
    var id = match.ids[1]
    if let given = try query()[.cohortID] { id = try match.cohortID(given) }
    return try cohort(CohortName(partner: match.ids[0], cohortID: id))
  }

  func cohort(_ name: CohortName) throws(WireError) -> CohortID {
    do throws(Refusal) { return try now.state.find(name) } catch {
      throw WireError(error, subject: .cohort(name))
    }
  }
}

/// Which cohorts a list is to have.
private struct CohortWish: Sendable {
  let partner: Text?
  let search: TextSearch?
  let takesArchived: Bool
}

extension View {
  /// The first cohort with a greater number that existed here and is wished for.
  ///
  /// - Complexity: A search looks at the names of all cohorts before it, some 100 ns each.
  fileprivate func cohort(after number: UInt64, _ wish: CohortWish) -> CohortID? {
    var number = number
    while number < UInt64(state.cohorts.count) {
      number += 1
      let cohort = CohortID(UInt32(number))
      // Numbers are given in the order of the log.
      guard exists(cohort) else { return nil }
      let record = state.cohorts[cohort]
      guard wish.partner == nil || record.name.partner == wish.partner,
        wish.takesArchived || record.isArchived.value(at: position) != true
      else { continue }
      guard let search = wish.search else { return cohort }
      if search.finds(record.name.cohortID)
        || record.displayName.value(at: position).map(search.finds) == true
      {
        return cohort
      }
    }
    return nil
  }

  func shape(of cohort: CohortID) throws(LedgerError) -> CohortShape {
    guard exists(cohort) else {
      let name = state.cohorts[cohort].name
      return CohortShape(
        cohort: name, name: name.cohortID, createdAt: nil, size: 0, lastChange: nil,
        isArchived: false, exists: false)
    }
    return CohortShape(try standing(of: cohort))
  }
}
