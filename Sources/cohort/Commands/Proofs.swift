import CohortFormat
import CohortLedger
import CohortModel
import CohortWire

extension Subcommand {
  static let prove = Subcommand(
    "prove", [.cohort, .user], [.asOf, .identity],
    summary: "Prove what the log says of somebody and a cohort.",
    notes: [
      "Prints JSON: the events, a path from each to the tree head, and what opens the person's",
      "texts. Tools/Checks/verify_proof.py checks it with nothing but a tree head.",
    ],
    examples: ["prove hightouch/vip external_id:customer-42 > proof.json"]
  ) { invocation in
    try invocation.reading { ledger in
      let view = try invocation.view(ledger)
      let cohort = try invocation.cohort(0, in: view)
      let user = try invocation.user(1, in: view)
      let proof = try view.prove(user, cohort)
      try invocation.console.line(proof.json)
      let others = proof.reveals.map(\.description).joined(separator: ", ")
      if !others.isEmpty {
        invocation.console.say("The events also show these user numbers, without texts: \(others).")
      }
      return .done
    }
  }
}
