package import CohortModel

/// Whether two answers say the same, but for which word an unknown name gets in a batch.
package func agree(_ a: Answer, _ b: Answer) -> Bool {
  switch (a, b) {
  case (.items(let countA, let a), .items(let countB, let b)): countA == countB && agree(a, b)
  case (.deletedUsers(let usersA, let a), .deletedUsers(let usersB, let b)):
    usersA == usersB && agree(a, b)
  case (
    .importedUsers(let createdA, let completedA, let unchangedA, let a),
    .importedUsers(let createdB, let completedB, let unchangedB, let b)
  ):
    [createdA, completedA, unchangedA] == [createdB, completedB, unchangedB] && agree(a, b)
  default: a == b
  }
}

private func agree(_ a: [ItemError], _ b: [ItemError]) -> Bool {
  func plain(_ error: ItemError) -> ItemError {
    switch error.refusal {
    case .unknownAlias, .unknownExternalID: ItemError(index: error.index, refusal: .unknownUser)
    // A line can have both faults; either may be said.
    case .labelTaken: ItemError(index: error.index, refusal: .alreadyIdentified)
    default: error
    }
  }
  return a.map(plain) == b.map(plain)
}

/// Whether two refusals say the same, but for the wording of a name that is not one, the
/// nearest name, and where on a cycle its path begins.
package func agree(_ a: Refusal, _ b: Refusal) -> Bool {
  switch (a, b) {
  case (.invalidName, .invalidName), (.filterCycle, .filterCycle): true
  case (.unknownCohort(let a, _), .unknownCohort(let b, _)): a == b
  case (.unknownSegment(let a, _), .unknownSegment(let b, _)): a == b
  // A filter that is too deep and names what does not exist, or is to come: either may be said.
  case (.unknownCohort, .filterTooDeep), (.unknownSegment, .filterTooDeep),
    (.filterTooDeep, .unknownCohort), (.filterTooDeep, .unknownSegment),
    (.laterThanNow, .filterTooDeep), (.filterTooDeep, .laterThanNow),
    (.filterCycle, .filterTooDeep), (.filterTooDeep, .filterCycle):
    true
  case (.archivedInAudience(let a, let these), .archivedInAudience(let b, let those)):
    a == b && these.sorted() == those.sorted()
  default: a == b
  }
}

package func agree(_ a: Result<Answer, Refusal>, _ b: Result<Answer, Refusal>) -> Bool {
  switch (a, b) {
  case (.success(let a), .success(let b)): agree(a, b)
  case (.failure(let a), .failure(let b)): agree(a, b)
  default: false
  }
}
