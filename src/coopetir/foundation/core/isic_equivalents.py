"""Which codes of CIIU Rev. 4 A.C. mean something else in ISIC Rev. 4?

Colombia adapted the classification: the same digits may name another activity (CIIU 1071 is sugar, ISIC 1071
bakery products). An English title taken by code would then be false. For each such code, ``ISIC_OF`` names the ISIC
code of the same activity; None where ISIC has none as narrow. Those have an English title of ours in ``OWN_TITLES``.
"""

from __future__ import annotations

ISIC_OF: dict[str, str | None] = {
    "0114": "0115", "0115": "0116", "0122": None, "0121": "0122", "0123": None, "0124": "0114", "0125": None,
    "0143": "0144", "0144": "0145", "0145": "0146", "0892": "0893",
    "102": "103", "103": "104", "104": "105", "105": "106", "106": None, "107": None, "108": None,
    "1020": "1030", "1030": "1040", "1040": "1050", "1051": "1061", "1052": "1062", "1061": None, "1062": None,
    "1071": "1072", "1072": None, "1081": "1071", "1082": "1073", "1083": "1074", "1084": "1075", "1089": "1079",
    "109": "108", "1090": "1080",
    "2013": None, "2211": None, "4641": None,
    "4721": None, "4722": None, "4723": None, "4724": None, "4762": "4763",
    "4771": None, "4772": None, "4773": "4772", "4774": "4773", "4775": "4774",
    "4921": None, "4922": None,
    "642": None, "6492": None, "652": None, "6511": "6512", "6512": "6511", "6513": "6520",
    "6621": "6622", "6629": None,
    "8411": None, "8412": None, "8413": "8412", "8414": "8413", "8415": None,
    "8521": None, "8522": None, "8523": "8522",
    "853": None, "8530": None, "854": "853", "8541": None, "8542": None, "8543": None, "8544": None,
    "855": "854", "8551": None, "8552": "8541", "8553": "8542", "8559": "8549", "856": "855", "8560": "8550",
}  # fmt: skip

OWN_TITLES: dict[str, str] = {
    "0122": "Growing of plantains and bananas",
    "0123": "Growing of coffee",
    "0125": "Growing of cut flowers",
    "106": "Manufacture of coffee products",
    "107": "Manufacture of sugar and panela",
    "108": "Manufacture of other food products",
    "1061": "Hulling of coffee",
    "1062": "Decaffeinating, roasting and grinding of coffee",
    "1072": "Manufacture of panela (unrefined cane sugar)",
    "2013": "Manufacture of plastics in primary forms",
    "2211": "Manufacture of rubber tyres and tubes",
    "4641": "Wholesale of textiles and household textile articles",
    "4721": "Retail sale of agricultural products for consumption in specialized stores",
    "4722": "Retail sale of milk, dairy products and eggs in specialized stores",
    "4723": "Retail sale of meat, poultry, meat products, fish and seafood in specialized stores",
    "4724": "Retail sale of beverages and tobacco products in specialized stores",
    "4771": "Retail sale of clothing and its accessories in specialized stores",
    "4772": "Retail sale of footwear and leather goods in specialized stores",
    "4921": "Passenger land transport",
    "4922": "Mixed land transport of passengers and goods",
    "642": "Other kinds of monetary intermediation",
    "6492": "Financial activities of employees' funds and other solidarity associations",
    "652": "Social insurance services except pensions",
    "6629": "Evaluation of risks and damages, and other activities auxiliary to insurance",
    "8411": "Legislative activities of public administration",
    "8412": "Executive activities of public administration",
    "8415": "Activities of control bodies and other institutions",
    "8521": "Lower secondary education",
    "8522": "Academic upper secondary education",
    "853": "Establishments that combine levels of education",
    "8530": "Establishments that combine levels of education",
    "8541": "Professional technical education",
    "8542": "Technological education",
    "8543": "Education by university institutions and technological schools",
    "8544": "University education",
    "8551": "Training for work",
}
