package import CohortModel
import CohortWire

/// What an answer means for the letter that it answers.
package enum Verdict: Hashable, Sendable {
  /// The destination took it.
  case taken(Taken)
  /// It does not take these rows together, and applied none of them: 400 and 413.
  case refused(String)
  /// It does not take requests so fast, and did not apply this one: 429.
  case tooFast(String, retryAfter: Duration?)
  /// It may be applied or not, and is to be sent again: 5xx, no answer, or one that makes no sense.
  case unsure(String, retryAfter: Duration?)
  /// No request will be taken, and this one was not: all else. Two sentences.
  case hopeless(String)

  package struct Taken: Hashable, Sendable {
    /// One for each identifier; `nil` if the destination does not say.
    package var fates: [Fate]?
    /// By the place in the letter.
    package var survivors: [Int: UserID] = [:]
    /// Reasons by the place in the letter; their fate is ``Fate/refused``.
    package var refusals: [Int: String] = [:]
    package var position: Position?

    package init(fates: [Fate]? = nil, position: Position? = nil) {
      (self.fates, self.position) = (fates, position)
    }
  }

  /// Reads an answer.
  package init(
    _ result: Result<DestinationAnswer, NoAnswer>, to letter: Letter, of parcel: Parcel
  ) {
    switch result {
    case .failure(let failure): self = .unsure(failure.reason, retryAfter: nil)
    case .success(let answer): self = Self.read(answer, letter, parcel)
    }
  }

  private static func read(
    _ answer: DestinationAnswer, _ letter: Letter, _ parcel: Parcel
  ) -> Verdict {
    if 200...299 ~= answer.status {
      guard let taken = AnswerReader(letter, parcel).read(answer.body) else {
        return .unsure(
          "\(answer.status) with something that is no answer of the contract", retryAfter: nil)
      }
      return .taken(taken)
    }
    let document = try? JSONDocument(parsing: answer.body)
    let words = Words(status: answer.status, document?.root["message"]?.string)
    switch answer.status {
    case 400, 413: return .refused(words.said)
    case 429: return .tooFast(words.said, retryAfter: answer.retryAfter)
    case 408, 500...599: return .unsure(words.said, retryAfter: answer.retryAfter)
    default:
      return .hopeless("The destination answers \(words.said). \(words.advice)")
    }
  }
}

/// What to say of an answer that is no success.
private struct Words {
  let status: Int
  /// Such as `401 'Invalid client secret'`.
  let said: String

  /// Takes a message of the destination, which may be of any length.
  init(status: Int, _ message: ArraySlice<UInt8>?) {
    self.status = status
    guard let message, !message.isEmpty else {
      said = "\(status)"
      return
    }
    let text = String(decoding: message, as: UTF8.self)
    said = text.count > 300 ? "\(status) '\(text.prefix(300))…'" : "\(status) '\(text)'"
  }

  var advice: String {
    switch status {
    case 300...399: "Name the address it leads to as the endpoint; keys are not sent after it."
    case 401: "Check 'partner_api_key' and 'data_import_key'."
    case 403: "Ask who runs the destination for the right to do this."
    case 404: "Check 'endpoint' and 'partner'."
    case 423: "Restore the cohort, or sync to another one."
    default: "Check that the endpoint speaks the contract of partner cohort import."
    }
  }
}

/// Reads the body of a success; what is odd in it makes it none.
struct AnswerReader {
  let parcel: Parcel
  let places: Range<Int>
  let isRemoval: Bool
  let isNaming: Bool

  init(_ letter: Letter, _ parcel: Parcel) {
    self.parcel = parcel
    switch letter {
    case .naming: (places, isRemoval, isNaming) = (0..<0, false, true)
    case .changes(let isRemoval, let places):
      (self.places, self.isRemoval, isNaming) = (places, isRemoval, false)
    }
  }

  func read(_ body: [UInt8]) -> Verdict.Taken? {
    if !isNaming, let plain = PlainResults(body, parcel, places, isRemoval: isRemoval),
      let taken = read(plain.rest, plain)
    {
      return taken
    }
    return read(body, nil)
  }

  /// Reads a body, in which `plain` stands for the results if they were read before.
  func read(_ body: [UInt8], _ plain: PlainResults?) -> Verdict.Taken? {
    guard let root = (try? JSONDocument(parsing: body))?.root,
      root["message"]?.string?.elementsEqual("success".utf8) == true
    else { return nil }
    var taken = Verdict.Taken(position: root["position"]?.unsignedInteger.map { Position($0) })
    if isNaming { return taken }
    if let plain {
      guard root["results"]?.text == plain.mark else { return nil }
      taken.fates = plain.fates
    } else if let results = root["results"], !results.isNull {
      guard read(results, &taken) else { return nil }
    }
    if let errors = root["errors"], !errors.isNull {
      guard readErrors(errors, &taken) else { return nil }
    }
    return taken
  }

  /// Reads `results`: one object for each identifier, in the order in which they were sent.
  private func read(_ results: JSONValue, _ taken: inout Verdict.Taken) -> Bool {
    guard results.kind == .array, results.count == places.count else { return false }
    var fates: [Fate] = []
    fates.reserveCapacity(places.count)
    let identifiers = parcel.identifiers(isRemoval: isRemoval)
    for (place, result) in zip(places, results.elements) {
      guard let outcome = result["outcome"]?.string, let fate = fate(outcome),
        names(result, identifiers[place])
      else { return false }
      if fate == .merged, let survivor = result["survivor"]?["user"]?.unsignedInteger {
        guard let user = UInt32(exactly: survivor) else { return false }
        taken.survivors[place - places.lowerBound] = UserID(user)
      }
      fates.append(fate)
    }
    taken.fates = fates
    return true
  }

  /// Whether a result is of the identifier that was sent, as far as it says so.
  private func names(_ result: JSONValue, _ identifier: ArraySlice<UInt8>) -> Bool {
    let said =
      switch parcel.kind {
      case .externalID: result["user_id"]
      case .alias: result["alias"]?["alias_name"]
      case .device: result["device_id"]
      }
    guard let said else { return true }
    return said.string?.elementsEqual(identifier) == true
  }

  private func fate(_ name: ArraySlice<UInt8>) -> Fate? {
    for outcome in Outcome.allCases where name.elementsEqual(outcome.name.utf8) {
      return Self.fate(outcome, isRemoval: isRemoval)
    }
    return nil
  }

  /// What an outcome says; `nil` if it does not come of a removal, or of an addition.
  static func fate(_ outcome: Outcome, isRemoval: Bool) -> Fate? {
    switch outcome {
    case .added: isRemoval ? nil : .added
    case .alreadyMember: isRemoval ? nil : .alreadyMember
    case .removed: isRemoval ? .removed : nil
    case .notMember: isRemoval ? .notMember : nil
    case .unknown: .unknown
    case .identified: .identified
    case .merged: .merged
    }
  }

  /// Reads `errors`: the rows that were not taken while the others were.
  private func readErrors(_ errors: JSONValue, _ taken: inout Verdict.Taken) -> Bool {
    guard errors.kind == .array else { return false }
    for error in errors.elements {
      guard let array = error["input_array"]?.string, array.elementsEqual(parcel.arrayName.utf8),
        let index = error["index"]?.unsignedInteger, index < places.count
      else { return false }
      let reason = error["type"]?.string.map { String(decoding: $0, as: UTF8.self) }
      taken.refusals[Int(index)] = reason ?? "refused without a reason"
    }
    return true
  }
}
