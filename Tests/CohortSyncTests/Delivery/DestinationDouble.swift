import CohortModel
import CohortSync
import CohortWire
import TestSupport

/// A destination as simple as can be: sets of texts, and bad manners on demand.
struct DestinationDouble {
  /// How it treats one request.
  enum Manner: CaseIterable {
    case answers, tooFast, tooFastWithReset, errorBefore, errorAfter, outcomeUnknownBefore
    case outcomeUnknownAfter, cutBefore, cutAfter, wrongJSONAfter, resultsOfOthersAfter, otherPage
    case refusesSize
  }

  /// Who can be matched; everybody else is unknown.
  var users: Set<String>
  /// Rows for which a request is refused as a whole.
  var bad: Set<String> = []
  var members: Set<String> = []
  /// How often each came in or went out.
  var flips: [String: Int] = [:]
  /// Whom it was told of in requests that it applied.
  var told: Set<Told> = []
  var names: [String] = []
  var position: UInt64 = 0

  struct Told: Hashable {
    let isRemoval: Bool
    let identifier: String
  }

  /// What happens to one request, and the answer that arrives.
  mutating func take(
    _ request: DestinationRequest, _ manner: Manner
  ) -> Result<DestinationAnswer, NoAnswer> {
    let isApplied =
      switch manner {
      case .answers, .errorAfter, .outcomeUnknownAfter, .cutAfter, .wrongJSONAfter,
        .resultsOfOthersAfter:
        true
      case .tooFast, .tooFastWithReset, .errorBefore, .outcomeUnknownBefore, .cutBefore, .otherPage,
        .refusesSize:
        false
      }
    let answer = isApplied ? apply(request) : nil
    // What is refused is refused, however bad the manners are afterwards.
    if let answer, answer.status != 201 { return .success(answer) }
    func says(_ status: Int, _ message: String, _ wait: Duration? = nil)
      -> Result<DestinationAnswer, NoAnswer>
    {
      let body: JSONText = ["message": .string(message)]
      return .success(DestinationAnswer(status: status, retryAfter: wait, body: body.bytes))
    }
    switch manner {
    case .answers: return .success(answer ?? DestinationAnswer(status: 500))
    case .tooFast: return says(429, "Rate Limited")
    case .tooFastWithReset: return says(429, "Rate Limited", .seconds(1_800))
    case .errorBefore, .errorAfter: return says(500, "Internal error")
    case .outcomeUnknownBefore, .outcomeUnknownAfter:
      return says(503, "Outcome unknown", .seconds(1))
    case .cutBefore, .cutAfter: return .failure(NoAnswer(reason: "connection lost"))
    case .wrongJSONAfter:
      return .success(DestinationAnswer(status: 201, body: (answer?.body ?? []).dropLast()))
    case .resultsOfOthersAfter:
      return .success(
        DestinationAnswer(
          status: 201,
          body: Array(#"{"message":"success","results":[{"user_id":"?","outcome":"added"}]}"#.utf8))
      )
    case .otherPage: return .success(DestinationAnswer(status: 200, body: Array("<html>".utf8)))
    case .refusesSize: return says(413, "Payload Too Large")
    }
  }

  /// Applies a request as the contract has it.
  mutating func apply(_ request: DestinationRequest) -> DestinationAnswer {
    guard let root = (try? JSONDocument(parsing: request.body))?.root,
      root["partner_api_key"]?.string.map({ Array($0) }) == Keys.partner,
      root["client_secret"]?.string.map({ Array($0) }) == Keys.importing,
      root["cohort_id"]?.string.map({ String(decoding: $0, as: UTF8.self) }) == "vip"
    else { return Self.says(401, "Invalid Partner API key") }
    if request.path == "/partners/shop/cohorts" {
      names.append(String(decoding: root["name"]?.string ?? [], as: UTF8.self))
      return Self.says(201, "success")
    }
    guard request.path == "/partners/shop/cohorts/users",
      let changes = root["cohort_changes"].map({ Array($0.elements) })
    else { return Self.says(404, "Not Found") }
    let wishes = changes.flatMap { change in
      (change["user_ids"].map { Array($0.elements) } ?? []).map {
        Told(
          isRemoval: change["should_remove"]?.bool ?? false,
          identifier: String(decoding: $0.string ?? [], as: UTF8.self))
      }
    }
    guard wishes.count <= 1_000, wishes.allSatisfy({ !bad.contains($0.identifier) }) else {
      return Self.says(400, "cohort_changes must be an array")
    }
    position += 1
    let outcomes = wishes.map { change($0) }
    return DestinationAnswer(
      status: 201, body: answer(wishes, outcomes, request.wantsResults).bytes)
  }

  private mutating func change(_ wish: Told) -> Outcome {
    told.insert(wish)
    guard users.contains(wish.identifier) else { return .unknown }
    let isMember = members.contains(wish.identifier)
    if isMember == wish.isRemoval { flips[wish.identifier, default: 0] += 1 }
    if wish.isRemoval {
      members.remove(wish.identifier)
      return isMember ? .removed : .notMember
    }
    members.insert(wish.identifier)
    return isMember ? .alreadyMember : .added
  }

  private func answer(_ wishes: [Told], _ outcomes: [Outcome], _ wantsResults: Bool) -> JSONText {
    var members: [JSONText.Member] = [
      .init("message", "success"), .init("position", .integer(Int64(position))),
    ]
    if wantsResults {
      let results = zip(wishes, outcomes).map { wish, outcome -> JSONText in
        ["change": 0, "user_id": .string(wish.identifier), "outcome": .string(outcome.name)]
      }
      members.append(.init("results", .array(results)))
    }
    return .object(members)
  }

  private static func says(_ status: Int, _ message: String) -> DestinationAnswer {
    let body: JSONText = ["message": .string(message)]
    return DestinationAnswer(status: status, body: body.bytes)
  }
}

enum Keys {
  static let partner = Array("partner-key".utf8)
  static let importing = Array("dik-import".utf8)
  static let both = DestinationKeys(
    partnerAPIKey: SecretText(partner), dataImportKey: SecretText(importing))
}
