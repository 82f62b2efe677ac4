"""Whom a study's method is owed to, as BibTeX has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata


@dataclass(frozen=True)
class Reference:
    """A work that is cited by `key`, with `fields` as BibTeX has them; `name` is how a text has it: Holm, 1979."""

    key: str
    name: str
    kind: str
    fields: Mapping[str, str] = field(hash=False)

    @property
    def bibtex(self) -> str:
        """The entry."""
        lines = [f"  {name} = {{{value}}}" for name, value in self.fields.items()]
        return f"@{self.kind}{{{self.key},\n" + ",\n".join(lines) + "\n}"


def own() -> Reference:
    """Normlab itself, in the version that is installed."""
    about = metadata.metadata("normlab")
    fields = {
        "title": "normlab: paired training studies of image classifiers",
        "author": f"{{{about['Author']}}}",
        "version": about["Version"],
        "note": f"Software, version {about['Version']}",
    }
    return Reference("normlab", f"version {about['Version']}", "misc", fields)


def _article(key: str, name: str, author: str, title: str, journal: str, **more: str) -> Reference:
    return Reference(key, name, "article", {"author": author, "title": f"{{{title}}}", "journal": journal, **more})


REFERENCES = (
    _article(
        "student1908",
        "Student, 1908",
        "Student",
        "The probable error of a mean",
        "Biometrika",
        volume="6",
        number="1",
        pages="1--25",
        year="1908",
    ),
    _article(
        "schuirmann1987",
        "Schuirmann, 1987",
        "Schuirmann, Donald J.",
        "A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of "
        "average bioavailability",
        "Journal of Pharmacokinetics and Biopharmaceutics",
        volume="15",
        number="6",
        pages="657--680",
        year="1987",
    ),
    _article(
        "holm1979",
        "Holm, 1979",
        "Holm, Sture",
        "A simple sequentially rejective multiple test procedure",
        "Scandinavian Journal of Statistics",
        volume="6",
        number="2",
        pages="65--70",
        year="1979",
    ),
    _article(
        "lai1976",
        "Lai, 1976",
        "Lai, Tze Leung",
        "On confidence sequences",
        "The Annals of Statistics",
        volume="4",
        number="2",
        pages="265--280",
        year="1976",
    ),
    _article(
        "wang2023",
        "Wang and Ramdas, 2023",
        "Wang, Hongjian and Ramdas, Aaditya",
        "Anytime-valid t-tests and confidence sequences for Gaussian means with unknown variance",
        "arXiv preprint arXiv:2310.03722",
        year="2023",
    ),
    _article(
        "farrington1990",
        "Farrington and Manning, 1990",
        "Farrington, Conor P. and Manning, Godfrey",
        "Test statistics and sample size formulae for comparative binomial trials with null hypothesis of non-zero "
        "risk difference or non-unity relative risk",
        "Statistics in Medicine",
        volume="9",
        number="12",
        pages="1447--1454",
        year="1990",
    ),
    _article(
        "pocock1977",
        "Pocock, 1977",
        "Pocock, Stuart J.",
        "Group sequential methods in the design and analysis of clinical trials",
        "Biometrika",
        volume="64",
        number="2",
        pages="191--199",
        year="1977",
    ),
    _article(
        "mcnemar1947",
        "McNemar, 1947",
        "McNemar, Quinn",
        "Note on the sampling error of the difference between correlated proportions or percentages",
        "Psychometrika",
        volume="12",
        number="2",
        pages="153--157",
        year="1947",
    ),
    _article(
        "vovk2021",
        "Vovk and Wang, 2021",
        "Vovk, Vladimir and Wang, Ruodu",
        "E-values: Calibration, combination and applications",
        "The Annals of Statistics",
        volume="49",
        number="3",
        pages="1736--1754",
        year="2021",
    ),
    _article(
        "tietjen1972",
        "Tietjen and Moore, 1972",
        "Tietjen, Gary L. and Moore, Roger H.",
        "Some Grubbs-type statistics for the detection of several outliers",
        "Technometrics",
        volume="14",
        number="3",
        pages="583--597",
        year="1972",
    ),
    _article(
        "banerjee1960",
        "Banerjee, 1960",
        "Banerjee, Saibal Kumar",
        "Approximate confidence interval for linear functions of means of k populations when the population variances "
        "are not equal",
        "Sankhy{\\=a}",
        volume="22",
        pages="357--358",
        year="1960",
    ),
    _article(
        "owen2007",
        "Owen, 2007",
        "Owen, Art B.",
        "The pigeonhole bootstrap",
        "The Annals of Applied Statistics",
        volume="1",
        number="2",
        pages="386--411",
        year="2007",
    ),
    Reference(
        "dodge2019",
        "Dodge et al., 2019",
        "inproceedings",
        {
            "author": "Dodge, Jesse and Gururangan, Suchin and Card, Dallas and Schwartz, Roy and Smith, Noah A.",
            "title": "{Show Your Work: Improved Reporting of Experimental Results}",
            "booktitle": "Proceedings of EMNLP-IJCNLP",
            "pages": "2185--2194",
            "year": "2019",
        },
    ),
    Reference(
        "breiman1984",
        "Breiman et al., 1984",
        "book",
        {
            "author": "Breiman, Leo and Friedman, Jerome H. and Olshen, Richard A. and Stone, Charles J.",
            "title": "{Classification and Regression Trees}",
            "publisher": "Wadsworth",
            "year": "1984",
        },
    ),
    Reference(
        "paszke2019",
        "Paszke et al., 2019",
        "inproceedings",
        {
            "author": "Paszke, Adam and Gross, Sam and Massa, Francisco and others",
            "title": "{PyTorch: An Imperative Style, High-Performance Deep Learning Library}",
            "booktitle": "Advances in Neural Information Processing Systems",
            "volume": "32",
            "year": "2019",
        },
    ),
    _article(
        "lecun1998",
        "LeCun et al., 1998",
        "LeCun, Yann and Bottou, L{\\'e}on and Bengio, Yoshua and Haffner, Patrick",
        "Gradient-based learning applied to document recognition",
        "Proceedings of the IEEE",
        volume="86",
        number="11",
        pages="2278--2324",
        year="1998",
    ),
    _article(
        "xiao2017",
        "Xiao et al., 2017",
        "Xiao, Han and Rasul, Kashif and Vollgraf, Roland",
        "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms",
        "arXiv preprint arXiv:1708.07747",
        year="2017",
    ),
    _article(
        "clanuwat2018",
        "Clanuwat et al., 2018",
        "Clanuwat, Tarin and Bober-Irizar, Mikel and Kitamoto, Asanobu and Lamb, Alex and Yamamoto, Kazuaki and Ha, "
        "David",
        "Deep learning for classical Japanese literature",
        "arXiv preprint arXiv:1812.01718",
        year="2018",
    ),
    Reference(
        "krizhevsky2009",
        "Krizhevsky, 2009",
        "techreport",
        {
            "author": "Krizhevsky, Alex",
            "title": "{Learning multiple layers of features from tiny images}",
            "institution": "University of Toronto",
            "year": "2009",
        },
    ),
    Reference(
        "netzer2011",
        "Netzer et al., 2011",
        "inproceedings",
        {
            "author": "Netzer, Yuval and Wang, Tao and Coates, Adam and Bissacco, Alessandro and Wu, Bo and Ng, "
            "Andrew Y.",
            "title": "{Reading digits in natural images with unsupervised feature learning}",
            "booktitle": "NIPS Workshop on Deep Learning and Unsupervised Feature Learning",
            "year": "2011",
        },
    ),
)
