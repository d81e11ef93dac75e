"""The rules of owl2rl.rls, one small world a row: what a rule must add, must not add, or must report.

Every case is also held against owlrl, another reasoner of the same rules (owl2rl_referee.py).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CASES", "Case"]


@dataclass(frozen=True)
class Case:
    """A rule and data, in Turtle with the prefixes of owl2rl_referee, that shows what the rule does.

    `follows` are statements that the rule has a hand in, `never` statements that must not follow. A rule that
    reports a contradiction has a `breach` instead, the row without the rule's name (None for any term), and
    other data, `quiet`, in which nothing is to be reported; `reported` is the rule that reports, if another
    one. `always` are statements that the rule holds true of anything like the data, where that is asked for.
    """

    rule: str
    data: str
    follows: str = ""
    never: str = ""
    breach: tuple[str | None, ...] = ()
    reported: str = ""
    quiet: str = ""
    always: str = ""


CASES: tuple[Case, ...] = (
    Case(
        "eq-ref",
        ":a :p :b .",
        never=":a owl:sameAs :a .",
        always=":a owl:sameAs :a . :p owl:sameAs :p . :b owl:sameAs :b .",
    ),
    Case(
        "eq-sym",
        ":a owl:sameAs :b .",
        follows=":b owl:sameAs :a .",
        never=":a owl:sameAs :a .",
    ),
    Case(
        "eq-trans",
        ":a owl:sameAs :b . :b owl:sameAs :c .",
        follows=":a owl:sameAs :c .",
        never=":a owl:sameAs :d .",
    ),
    Case(
        "eq-rep-s",
        ":a owl:sameAs :b . :a :p :o .",
        follows=":b :p :o .",
        never=":o :p :b .",
    ),
    Case(
        "eq-rep-p",
        ":p owl:sameAs :q . :a :p :b .",
        follows=":a :q :b .",
        never=":b :q :a .",
    ),
    Case(
        "eq-rep-o",
        ":a owl:sameAs :b . :s :p :a .",
        follows=":s :p :b .",
        never=":b :p :s .",
    ),
    Case(
        "eq-diff1",
        ":a owl:sameAs :b ; owl:differentFrom :b .",
        breach=(":a", ":b", None),
        quiet=":a owl:sameAs :b . :a owl:differentFrom :c .",
    ),
    Case(
        "eq-diff1",
        ":a owl:differentFrom :a .",
        breach=(":a", ":a", None),
        quiet=":a owl:differentFrom :b .",
    ),
    Case(
        "eq-diff2",
        "[] a owl:AllDifferent ; owl:members (:a :b :c) . :c owl:sameAs :a .",
        breach=(":a", ":c", None),
        quiet="[] a owl:AllDifferent ; owl:members (:a :b :c) . :c owl:sameAs :d .",
    ),
    Case(
        "eq-diff2",
        "[] a owl:AllDifferent ; owl:members (:a :b :a) .",
        breach=(":a", ":a", None),
        quiet="[] owl:members (:a :b :a) .",
    ),
    Case(
        "eq-diff3",
        "[] a owl:AllDifferent ; owl:distinctMembers (:a :b :c) . :c owl:sameAs :b .",
        breach=(":b", ":c", None),
        quiet="[] a owl:AllDifferent ; owl:distinctMembers (:a :b) . :a owl:sameAs :c .",
    ),
    Case(
        "eq-diff3",
        "[] a owl:AllDifferent ; owl:distinctMembers (:a :a) .",
        breach=(":a", ":a", None),
        quiet="[] owl:distinctMembers (:a :a) .",
    ),
    Case(
        "prp-ap",
        ":a :p :b .",
        never="rdfs:label a owl:AnnotationProperty .",
        always="rdfs:label a owl:AnnotationProperty . owl:deprecated a owl:AnnotationProperty .",
    ),
    Case(
        "prp-dom",
        ":p rdfs:domain :C . :a :p :b .",
        follows=":a a :C .",
        never=":b a :C .",
    ),
    Case(
        "prp-rng",
        ":p rdfs:range :C . :a :p :b .",
        follows=":b a :C .",
        never=":a a :C .",
    ),
    Case(
        "prp-fp",
        ":p a owl:FunctionalProperty . :a :p :b , :c .",
        follows=":b owl:sameAs :c .",
        never=":a owl:sameAs :b .",
    ),
    Case(
        "prp-fp",
        ":p a owl:FunctionalProperty . :a :p :b . :d :p :c .",
        never=":b owl:sameAs :c .",
    ),
    Case(
        "prp-ifp",
        ":p a owl:InverseFunctionalProperty . :a :p :c . :b :p :c .",
        follows=":a owl:sameAs :b .",
        never=":a owl:sameAs :c .",
    ),
    Case(
        "prp-ifp",
        ":p a owl:InverseFunctionalProperty . :a :p :b , :c .",
        never=":b owl:sameAs :c .",
    ),
    Case(
        "prp-irp",
        ":p a owl:IrreflexiveProperty . :a :p :a .",
        breach=(":a", ":a", ":p"),
        quiet=":p a owl:IrreflexiveProperty . :a :p :b . :b :p :a .",
    ),
    Case(
        "prp-symp",
        ":p a owl:SymmetricProperty . :a :p :b .",
        follows=":b :p :a .",
        never=":a :p :a .",
    ),
    Case(
        "prp-asyp",
        ":p a owl:AsymmetricProperty . :a :p :b . :b :p :a .",
        breach=(":a", ":b", ":p"),
        quiet=":p a owl:AsymmetricProperty . :a :p :b . :b :p :c .",
    ),
    Case(
        "prp-trp",
        ":p a owl:TransitiveProperty . :a :p :b . :b :p :c . :c :p :d .",
        follows=":a :p :c , :d . :b :p :d .",
        never=":c :p :a . :a :p :a .",
    ),
    Case(
        "prp-spo1",
        ":p rdfs:subPropertyOf :q . :a :p :b . :c :q :d .",
        follows=":a :q :b .",
        never=":c :p :d .",
    ),
    Case(
        "prp-spo2",
        ":p owl:propertyChainAxiom (:q) . :a :q :b .",
        follows=":a :p :b .",
        never=":b :p :a .",
    ),
    Case(
        "prp-spo2",
        ":p owl:propertyChainAxiom (:q :r) . :a :q :b . :b :r :c . :c :q :d .",
        follows=":a :p :c .",
        never=":a :p :d . :b :p :d .",
    ),
    Case(
        "prp-spo2",
        ":p owl:propertyChainAxiom (:q :r :s) . :a :q :b . :b :r :c . :c :s :d . :c :r :e .",
        follows=":a :p :d .",
        never=":a :p :c , :e . :b :p :d .",
    ),
    Case(
        "prp-spo2",
        ":p owl:propertyChainAxiom (:q :r :s :q) . :a :q :b . :b :r :c . :c :s :d . :d :q :e , :f .",
        follows=":a :p :e , :f .",
        never=":a :p :d . :b :p :e .",
    ),
    Case(
        "prp-spo2",
        ":p owl:propertyChainAxiom (:p :q) . :a :p :b . :b :q :c . :c :q :d .",
        follows=":a :p :c , :d .",
        never=":b :p :c .",
    ),
    Case(
        "prp-eqp1",
        ":p owl:equivalentProperty :q . :a :p :b .",
        follows=":a :q :b .",
        never=":b :q :a .",
    ),
    Case(
        "prp-eqp2",
        ":p owl:equivalentProperty :q . :a :q :b .",
        follows=":a :p :b .",
        never=":b :p :a .",
    ),
    Case(
        "prp-pdw",
        ":p owl:propertyDisjointWith :q . :a :p :b ; :q :b .",
        breach=(":a", ":p", ":q"),
        quiet=":p owl:propertyDisjointWith :q . :a :p :b ; :q :c .",
    ),
    Case(
        "prp-adp",
        "[] a owl:AllDisjointProperties ; owl:members (:p :q :r) . :a :p :b ; :r :b .",
        breach=(":a", ":p", ":r"),
        quiet="[] a owl:AllDisjointProperties ; owl:members (:p :q :r) . :a :p :b ; :r :c .",
    ),
    Case(
        "prp-inv1",
        ":p owl:inverseOf :q . :a :p :b .",
        follows=":b :q :a .",
        never=":a :q :b .",
    ),
    Case(
        "prp-inv2",
        ":p owl:inverseOf :q . :a :q :b .",
        follows=":b :p :a .",
        never=":a :p :b .",
    ),
    Case(
        "prp-key",
        ":C owl:hasKey (:p) . :a a :C ; :p 1 . :b a :C ; :p 1 . :c a :C ; :p 2 . :d :p 1 .",
        follows=":a owl:sameAs :b .",
        never=":a owl:sameAs :c , :d .",
    ),
    Case(
        "prp-key",
        ":C owl:hasKey (:p :q) . :a a :C ; :p 1 ; :q 2 . :b a :C ; :p 1 , 3 ; :q 2 . :c a :C ; :p 1 ; :q 3 .",
        follows=":a owl:sameAs :b .",
        never=":a owl:sameAs :c . :b owl:sameAs :c .",
    ),
    Case(
        "prp-key",
        ":C owl:hasKey (:p :q :r) . :a a :C ; :p 1 ; :q 2 ; :r :x . "
        ":b a :C ; :p 1 ; :q 2 ; :r :x . :c a :C ; :p 1 ; :r :x .",
        follows=":a owl:sameAs :b .",
        never=":a owl:sameAs :c .",
    ),
    Case(
        "prp-npa1",
        "[] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetIndividual :b . :a :p :b .",
        breach=(":a", ":b", ":p"),
        quiet="[] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetIndividual :b . "
        ":a :p :c . :b :p :a .",
    ),
    Case(
        "prp-npa2",
        '[] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetValue "v" . :a :p "v" .',
        breach=(":a", None, ":p"),
        quiet='[] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetValue "v" . :a :p "w" .',
    ),
    Case(
        "cls-nothing2",
        ":a a owl:Nothing .",
        breach=(":a", None, None),
        quiet=":a a owl:Thing , :C .",
    ),
    Case(
        "cls-nothing2",
        ":C rdfs:subClassOf owl:Nothing . :a a :C .",
        breach=(":a", None, None),
        quiet=":C rdfs:subClassOf owl:Nothing .",
    ),
    Case(
        "cls-int1",
        ":C owl:intersectionOf (:D :E :F) . :a a :D , :E , :F . :b a :D , :F .",
        follows=":a a :C .",
        never=":b a :C .",
    ),
    Case(
        "cls-int1",
        ":C owl:intersectionOf (:D) . :a a :D .",
        follows=":a a :C .",
        never=":b a :C .",
    ),
    Case(
        "cls-int1",
        ":C owl:intersectionOf (owl:Thing :D) . :D a owl:Class . :a a :D .",
        follows=":a a :C .",
        never=":D a :C .",
    ),
    Case(
        "cls-int2",
        ":C owl:intersectionOf (:D :E) . :a a :C .",
        follows=":a a :D , :E .",
        never=":a a :F .",
    ),
    Case(
        "cls-uni",
        ":C owl:unionOf (:D :E) . :a a :D . :b a :E . :c a :C .",
        follows=":a a :C . :b a :C .",
        never=":c a :D . :c a :E .",
    ),
    Case(
        "cls-com",
        ":C owl:complementOf :D . :a a :C , :D .",
        breach=(":a", ":C", ":D"),
        quiet=":C owl:complementOf :D . :a a :C . :b a :D .",
    ),
    Case(
        "cls-svf1",
        ":C owl:someValuesFrom :D ; owl:onProperty :p . :a :p :b . :b a :D . :c :p :d .",
        follows=":a a :C .",
        never=":c a :C . :b a :C .",
    ),
    Case(
        "cls-svf2",
        ":C owl:someValuesFrom owl:Thing ; owl:onProperty :p . :a :p :b .",
        follows=":a a :C .",
        never=":b a :C .",
    ),
    Case(
        "cls-avf",
        ":C owl:allValuesFrom :D ; owl:onProperty :p . :a a :C ; :p :b ; :q :d . :c :p :e .",
        follows=":b a :D .",
        never=":e a :D . :d a :D . :a a :D .",
    ),
    Case(
        "cls-hv1",
        ":C owl:hasValue :v ; owl:onProperty :p . :a a :C .",
        follows=":a :p :v .",
        never=":v :p :a .",
    ),
    Case(
        "cls-hv2",
        ":C owl:hasValue :v ; owl:onProperty :p . :a :p :v . :b :p :w .",
        follows=":a a :C .",
        never=":b a :C .",
    ),
    Case(
        "cls-hv2",
        ':C owl:hasValue 5 ; owl:onProperty :p . :a :p 5 . :b :p "5" .',
        follows=":a a :C .",
        never=":b a :C .",
    ),
    Case(
        "cls-maxc1",
        ':C owl:maxCardinality "0"^^xsd:nonNegativeInteger ; owl:onProperty :p . :a a :C ; :p :b .',
        breach=(":a", ":C", ":p"),
        quiet=':C owl:maxCardinality "0"^^xsd:nonNegativeInteger ; owl:onProperty :p . '
        ":a a :C ; :q :b . :b :p :a .",
    ),
    Case(
        "cls-maxc2",
        ':C owl:maxCardinality "1"^^xsd:nonNegativeInteger ; owl:onProperty :p . '
        ":a a :C ; :p :b , :c . :d :p :e , :f .",
        follows=":b owl:sameAs :c .",
        never=":e owl:sameAs :f .",
    ),
    Case(
        "cls-maxc2",
        ':C owl:maxCardinality "2"^^xsd:nonNegativeInteger ; owl:onProperty :p . :a a :C ; :p :b , :c .',
        never=":b owl:sameAs :c .",
    ),
    Case(
        "cls-maxqc1",
        ':C owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger ; owl:onProperty :p ; '
        "owl:onClass :D . "
        ":a a :C ; :p :b . :b a :D .",
        breach=(":a", ":C", ":p"),
        quiet=':C owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger ; owl:onProperty :p ; '
        "owl:onClass :D . "
        ":a a :C ; :p :b .",
    ),
    Case(
        "cls-maxqc2",
        ':C owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger ; owl:onProperty :p ; '
        "owl:onClass owl:Thing . "
        ":a a :C ; :p :b .",
        breach=(":a", ":C", ":p"),
        quiet=':C owl:maxQualifiedCardinality "0"^^xsd:nonNegativeInteger ; owl:onProperty :p ; '
        "owl:onClass owl:Thing . "
        ":a :p :b . :c a :C .",
    ),
    Case(
        "cls-maxqc3",
        ':C owl:maxQualifiedCardinality "1"^^xsd:nonNegativeInteger ; owl:onProperty :p ; '
        "owl:onClass :D . "
        ":a a :C ; :p :b , :c , :d . :b a :D . :c a :D .",
        follows=":b owl:sameAs :c .",
        never=":b owl:sameAs :d .",
    ),
    Case(
        "cls-maxqc4",
        ':C owl:maxQualifiedCardinality "1"^^xsd:nonNegativeInteger ; owl:onProperty :p ; '
        "owl:onClass owl:Thing . "
        ":a a :C ; :p :b , :c . :d :p :e , :f .",
        follows=":b owl:sameAs :c .",
        never=":e owl:sameAs :f .",
    ),
    Case(
        "cls-oo",
        ":C owl:oneOf (:a :b :c) .",
        follows=":a a :C . :b a :C . :c a :C .",
        never=":d a :C .",
    ),
    Case(
        "cax-sco",
        ":C rdfs:subClassOf :D . :a a :C . :b a :D .",
        follows=":a a :D .",
        never=":b a :C .",
    ),
    Case(
        "cax-sco",
        ":C a owl:Class . owl:Thing rdfs:subClassOf :D . :a a :C .",
        follows=":a a :D .",
        never=":b a :D .",
    ),
    Case(
        "cax-eqc1",
        ":C owl:equivalentClass :D . :a a :C .",
        follows=":a a :D .",
        never=":b a :D .",
    ),
    Case(
        "cax-eqc2",
        ":C owl:equivalentClass :D . :a a :D .",
        follows=":a a :C .",
        never=":b a :C .",
    ),
    Case(
        "cax-dw",
        ":C owl:disjointWith :D . :a a :C , :D .",
        breach=(":a", ":C", ":D"),
        quiet=":C owl:disjointWith :D . :a a :C , :E . :b a :D .",
    ),
    Case(
        "cax-adc",
        "[] a owl:AllDisjointClasses ; owl:members (:C :D :E) . :a a :C , :E .",
        breach=(":a", ":C", ":E"),
        quiet="[] a owl:AllDisjointClasses ; owl:members (:C :D :E) . "
        "[] a owl:AllDisjointClasses ; owl:members (:F :G) . :a a :C , :F .",
    ),
    Case(
        "scm-sco",
        ":C rdfs:subClassOf :D . :D rdfs:subClassOf :E .",
        follows=":C rdfs:subClassOf :E .",
        never=":E rdfs:subClassOf :C . :C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-sco",
        ":C rdfs:subClassOf owl:Nothing . owl:Thing rdfs:subClassOf :D .",
        follows=":C rdfs:subClassOf :D .",
        never=":D rdfs:subClassOf :C .",
    ),
    Case(
        "scm-eqc1",
        ":C owl:equivalentClass :D .",
        follows=":C rdfs:subClassOf :D . :D rdfs:subClassOf :C .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-eqc2",
        ":C rdfs:subClassOf :D . :D rdfs:subClassOf :C .",
        follows=":C owl:equivalentClass :D . :D owl:equivalentClass :C .",
        never=":C owl:equivalentClass :C .",
    ),
    Case(
        "scm-eqc2",
        ":C rdfs:subClassOf :D .",
        never=":C owl:equivalentClass :D .",
    ),
    Case(
        "scm-spo",
        ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .",
        follows=":p rdfs:subPropertyOf :r .",
        never=":r rdfs:subPropertyOf :p . :p rdfs:subPropertyOf :p .",
    ),
    Case(
        "scm-eqp1",
        ":p owl:equivalentProperty :q .",
        follows=":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :p .",
        never=":p rdfs:subPropertyOf :p .",
    ),
    Case(
        "scm-eqp2",
        ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :p .",
        follows=":p owl:equivalentProperty :q .",
        never=":p owl:equivalentProperty :p .",
    ),
    Case(
        "scm-eqp2",
        ":p rdfs:subPropertyOf :q .",
        never=":p owl:equivalentProperty :q .",
    ),
    Case(
        "scm-dom1",
        ":p rdfs:domain :C . :C rdfs:subClassOf :D .",
        follows=":p rdfs:domain :D .",
        never=":p rdfs:range :D .",
    ),
    Case(
        "scm-dom2",
        ":p rdfs:subPropertyOf :q . :q rdfs:domain :C . :r rdfs:domain :D . :r rdfs:subPropertyOf :s .",
        follows=":p rdfs:domain :C .",
        never=":s rdfs:domain :D .",
    ),
    Case(
        "scm-rng1",
        ":p rdfs:range :C . :C rdfs:subClassOf :D .",
        follows=":p rdfs:range :D .",
        never=":p rdfs:domain :D .",
    ),
    Case(
        "scm-rng2",
        ":p rdfs:subPropertyOf :q . :q rdfs:range :C . :r rdfs:range :D . :r rdfs:subPropertyOf :s .",
        follows=":p rdfs:range :C .",
        never=":s rdfs:range :D .",
    ),
    Case(
        "scm-hv",
        ":C owl:hasValue :v ; owl:onProperty :p . :D owl:hasValue :v ; owl:onProperty :q . "
        ":p rdfs:subPropertyOf :q .",
        follows=":C rdfs:subClassOf :D .",
        never=":D rdfs:subClassOf :C .",
    ),
    Case(
        "scm-hv",
        ":C owl:hasValue :v ; owl:onProperty :p . :D owl:hasValue :v ; owl:onProperty :p . "
        ":p a owl:ObjectProperty . :E owl:hasValue :w ; owl:onProperty :p .",
        follows=":C owl:equivalentClass :D .",
        never=":C rdfs:subClassOf :E .",
    ),
    Case(
        "scm-hv",
        ":C owl:hasValue :v ; owl:onProperty :p . :D owl:hasValue :v ; owl:onProperty :p . "
        ":p rdfs:subPropertyOf :p .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-hv",
        ":C owl:hasValue :v ; owl:onProperty :p . :D owl:hasValue :v ; owl:onProperty :p . "
        ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :p .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-hv",
        ":C owl:hasValue :v ; owl:onProperty :p . :D owl:hasValue :v ; owl:onProperty :p . "
        ":p owl:equivalentProperty :p .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-hv",
        ":C owl:hasValue :v ; owl:onProperty :p . :D owl:hasValue :v ; owl:onProperty :p . "
        ":p a owl:DatatypeProperty .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-hv",
        ":C owl:hasValue :v ; owl:onProperty :p . :D owl:hasValue :v ; owl:onProperty :p .",
        never=":C rdfs:subClassOf :D .",
    ),
    Case(
        "scm-cls",
        ":C a owl:Class .",
        never=":C rdfs:subClassOf owl:Thing .",
        always=":C rdfs:subClassOf :C , owl:Thing ; owl:equivalentClass :C . "
        "owl:Nothing rdfs:subClassOf :C .",
    ),
    Case(
        "scm-op",
        ":p a owl:ObjectProperty .",
        never=":p rdfs:subPropertyOf :p .",
        always=":p rdfs:subPropertyOf :p ; owl:equivalentProperty :p .",
    ),
    Case(
        "scm-dp",
        ":p a owl:DatatypeProperty .",
        never=":p rdfs:subPropertyOf :p .",
        always=":p rdfs:subPropertyOf :p ; owl:equivalentProperty :p .",
    ),
    Case(
        "cls-thing",
        ":a :p :b .",
        never="owl:Thing a owl:Class .",
        always="owl:Thing a owl:Class .",
    ),
    Case(
        "cls-nothing1",
        ":a :p :b .",
        never="owl:Nothing a owl:Class .",
        always="owl:Nothing a owl:Class .",
    ),
    Case(
        "dt-type1",
        ":a :p :b .",
        never="xsd:byte a rdfs:Datatype .",
        always="xsd:byte a rdfs:Datatype . rdfs:Literal a rdfs:Datatype .",
    ),
    Case(
        "dt-type2",
        ":C owl:someValuesFrom xsd:byte ; owl:onProperty :p . :a :p 7 . :b :p 700 .",
        follows=":a a :C .",
        never=":b a :C .",
    ),
    Case(
        "dt-type2",
        ":C owl:someValuesFrom xsd:integer ; owl:onProperty :p . "
        ":a :p 7.0 . :b :p 7.5 . :c :p 7e0 . :d :p '7' .",
        follows=":a a :C .",
        never=":b a :C . :c a :C . :d a :C .",
    ),
    Case(
        "dt-eq",
        ":C owl:hasValue 7 ; owl:onProperty :p . :a :p 7.0 . :b :p '7' .",
        follows=":a a :C .",
        never=":b a :C .",
    ),
    Case(
        "dt-eq",
        ":p a owl:InverseFunctionalProperty . :a :p '2026-01-01T00:00:00Z'^^xsd:dateTime . "
        ":b :p '2026-01-01T00:00:00.0+00:00'^^xsd:dateTime . :c :p '2026-01-01T00:00:01Z'^^xsd:dateTime .",
        follows=":a owl:sameAs :b .",
        never=":a owl:sameAs :c .",
    ),
    Case(
        "dt-eq",
        ":p a owl:FunctionalProperty . :a :p 7 , '007'^^xsd:byte .",
        never=":a owl:sameAs :a .",
    ),
    Case(
        "dt-diff",
        ":p a owl:FunctionalProperty . :a :p 7 , 8 .",
        breach=("7", "8", None),
        reported="eq-diff1",
        quiet=":p a owl:FunctionalProperty . :a :p 7 , 7.0 . :b :p 8 .",
    ),
    Case(
        "dt-diff",
        ":a owl:sameAs 7 . :b owl:sameAs 8 . :c owl:sameAs 7.0 .",
        follows=":a owl:differentFrom :b .",
        never=":a owl:differentFrom :c .",
    ),
    Case(
        "dt-not-type",
        ":p rdfs:range xsd:byte . :a :p 300 .",
        breach=("300", "xsd:byte", None),
        quiet=":p rdfs:range xsd:byte . :a :p 30 , '30.0'^^xsd:decimal ; :q 300 .",
    ),
    Case(
        "dt-not-type",
        ":a :p 'seven'^^xsd:integer .",
        breach=("'seven'^^xsd:integer", "xsd:integer", None),
        quiet=":a :p 'seven'^^xsd:string , 'seven'^^:unknown , '2026-02-30'^^xsd:date .",
    ),
    Case(
        "dt-not-type",
        ":p rdfs:range xsd:string . :a :p 'x'@en .",
        breach=("'x'@en", "xsd:string", None),
        quiet=":p rdfs:range xsd:token . :a :p 'x' .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom :X ; owl:onProperty :p . "
        ":D owl:someValuesFrom :Y ; owl:onProperty :p . :X rdfs:subClassOf :Y .",
        follows=":C rdfs:subClassOf :D .",
        never=":D rdfs:subClassOf :C .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom :X ; owl:onProperty :p . "
        ":D owl:someValuesFrom owl:Thing ; owl:onProperty :p . :X a owl:Class .",
        follows=":C rdfs:subClassOf :D .",
        never=":D rdfs:subClassOf :C .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom :X ; owl:onProperty :p . "
        ":D owl:someValuesFrom :X ; owl:onProperty :p . :X rdfs:subClassOf :X .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :X .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom :X ; owl:onProperty :p . "
        ":D owl:someValuesFrom :X ; owl:onProperty :p . :X rdfs:subClassOf :Y . "
        ":Y rdfs:subClassOf :X .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :X .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom :X ; owl:onProperty :p . "
        ":D owl:someValuesFrom :X ; owl:onProperty :p . :X owl:equivalentClass :X .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :X .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom :X ; owl:onProperty :p . :D owl:someValuesFrom :X ; owl:onProperty :p .",
        never=":C rdfs:subClassOf :D .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom :X ; owl:onProperty :p . "
        ":D owl:someValuesFrom :X ; owl:onProperty :p . :X a owl:Class .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom :X ; owl:onProperty :p . "
        ":D owl:someValuesFrom owl:Thing ; owl:onProperty :p . :X rdfs:subClassOf :Y . :Y a owl:Class .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom owl:Nothing ; owl:onProperty :p . "
        ":D owl:someValuesFrom :X ; owl:onProperty :p . :X a owl:Class .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom owl:Nothing ; owl:onProperty :p . "
        ":D owl:someValuesFrom :Y ; owl:onProperty :p . :X a owl:Class ; rdfs:subClassOf :Y .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom owl:Thing ; owl:onProperty :p . "
        ":D owl:someValuesFrom owl:Thing ; owl:onProperty :p .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom owl:Nothing ; owl:onProperty :p . "
        ":D owl:someValuesFrom owl:Nothing ; owl:onProperty :p .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-svf1",
        ":C owl:someValuesFrom owl:Nothing ; owl:onProperty :p . "
        ":D owl:someValuesFrom owl:Thing ; owl:onProperty :p .",
        follows=":C rdfs:subClassOf :D .",
        never=":C rdfs:subClassOf :C .",
    ),
    Case(
        "scm-svf2",
        ":C owl:someValuesFrom :X ; owl:onProperty :p . "
        ":D owl:someValuesFrom :X ; owl:onProperty :q . :p rdfs:subPropertyOf :q .",
        follows=":C rdfs:subClassOf :D .",
        never=":D rdfs:subClassOf :C .",
    ),
    Case(
        "scm-avf1",
        ":C owl:allValuesFrom :X ; owl:onProperty :p . "
        ":D owl:allValuesFrom :Y ; owl:onProperty :p . :X rdfs:subClassOf :Y .",
        follows=":C rdfs:subClassOf :D .",
        never=":D rdfs:subClassOf :C .",
    ),
    Case(
        "scm-avf2",
        ":C owl:allValuesFrom :X ; owl:onProperty :p . "
        ":D owl:allValuesFrom :X ; owl:onProperty :q . :p rdfs:subPropertyOf :q .",
        follows=":D rdfs:subClassOf :C .",
        never=":C rdfs:subClassOf :D .",
    ),
    Case(
        "scm-int",
        ":C owl:intersectionOf (:D :E) .",
        follows=":C rdfs:subClassOf :D , :E .",
        never=":D rdfs:subClassOf :C .",
    ),
    Case(
        "scm-uni",
        ":C owl:unionOf (:D :E) .",
        follows=":D rdfs:subClassOf :C . :E rdfs:subClassOf :C .",
        never=":C rdfs:subClassOf :D .",
    ),
)
