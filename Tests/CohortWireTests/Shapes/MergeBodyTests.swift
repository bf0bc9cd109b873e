import CohortModel
import CohortWire
import Testing

@Suite struct `The body of a merge` {
  private static let identifier =
    "400 identifiers must be objects with an 'external_id' property that is a string, or 'user_alias' property that is an object"
  private static let keys =
    "400 'merge_updates' must only have 'identifier_to_merge' and 'identifier_to_keep'"

  /// Identifiers, and whether they are ones.
  private static let identifiers: [(json: String?, name: UserName?)] = [
    ("{\"external_id\":\"a\"}", .externalID("a")),
    (
      "{\"user_alias\":{\"alias_name\":\"n\",\"alias_label\":\"l\"}}", .alias(label: "l", name: "n")
    ),
    ("{\"external_id\":\"a\",\"prioritization\":[]}", .externalID("a")),
    ("{\"external_id\":\"a\",\"user_alias\":null}", .externalID("a")), (nil, nil), ("null", nil),
    ("{}", nil), ("\"a\"", nil), ("[]", nil), ("7", nil), ("{\"external_id\":7}", nil),
    ("{\"external_id\":null}", nil), ("{\"email\":\"x\"}", nil), ("{\"user_alias\":\"x\"}", nil),
    ("{\"user_alias\":{}}", nil), ("{\"user_alias\":[]}", nil),
    ("{\"user_alias\":{\"alias_name\":\"n\"}}", nil),
    ("{\"user_alias\":{\"alias_name\":\"n\",\"alias_label\":7}}", nil),
    ("{\"external_id\":\"a\",\"user_alias\":{\"alias_name\":\"n\",\"alias_label\":\"l\"}}", nil),
  ]

  @Test func `tells the first fault for every pair of identifiers`() {
    for merge in Self.identifiers {
      for keep in Self.identifiers {
        for extra in ["", "\"x\":1"] {
          let members = [
            merge.json.map { "\"identifier_to_merge\":\($0)" },
            keep.json.map { "\"identifier_to_keep\":\($0)" }, extra.isEmpty ? nil : extra,
          ].compactMap { $0 }
          let good =
            "{\"identifier_to_keep\":{\"external_id\":\"k\"},\"identifier_to_merge\":{\"external_id\":\"m\"}}"
          let body = "{\"merge_updates\":[\(good),{\(members.joined(separator: ","))}],\"y\":1}"
          let shaped = Shaped("/users/merge", body)
          let isNone = { (one: (json: String?, name: UserName?)) in
            one.json != nil && one.name == nil
          }
          if isNone(merge) || isNone(keep) {
            #expect(shaped.fault == Self.identifier, "\(body)")
          } else if merge.json == nil || keep.json == nil || !extra.isEmpty {
            #expect(shaped.fault == Self.keys, "\(body)")
          } else if case .mergeUsers(let items) = shaped.wish, let merge = merge.name,
            let keep = keep.name
          {
            #expect(
              items == [
                MergeUsers(merge: .externalID("m"), keep: .externalID("k")),
                MergeUsers(merge: merge, keep: keep),
              ])
          } else {
            Issue.record("\(body)")
          }
        }
      }
    }
  }

  @Test func `is told by its first row when several are wrong`() {
    let many = list(51) { _ in "{}" }
    #expect(
      Shaped("/users/merge", "{\"merge_updates\":[7,\(many.dropFirst())}").fault
        == "400 'merge_updates' must be an array of objects")
    #expect(
      Shaped("/users/merge", "{\"merge_updates\":\(many)}").fault
        == "400 a single request may not contain more than 50 merge updates")
    // The fault of the second item is told first.
    #expect(
      Shaped("/users/merge", "{\"merge_updates\":[{},{\"identifier_to_keep\":7}]}").fault
        == Self.identifier)
    #expect(Shaped("/users/merge", "{\"merge_updates\":[{}]}").fault == Self.keys)
  }

  @Test func `is answered with 202, also when it holds nothing or only errors`() {
    var house = PartnerHouse()
    let position = house.state.position.rawValue
    let nothing = house.post("/users/merge", "{\"merge_updates\":[]}")
    #expect(nothing.status == 202)
    let bad = house.post(
      "/users/merge",
      "{\"merge_updates\":[{\"identifier_to_merge\":{\"external_id\":\"no\"},\"identifier_to_keep\":{\"external_id\":\"u1\"}}]}"
    )
    #expect(
      bad.text
        == "{\"message\":\"success\",\"merges_processed\":0,\"errors\":[{\"type\":\"no user bears this identifier\",\"input_array\":\"merge_updates\",\"index\":0}],\"position\":\(position)}"
    )
    #expect(bad.status == 202)
  }
}
