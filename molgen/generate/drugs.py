"""Common drugs: what is normal in a medicine, for runs whose own molecules are too few to say.

Drugs that benchmarks of generation take as their targets are left out: their pieces would give the answer away.
"""

from __future__ import annotations

DRUGS = (
    "CC(=O)Oc1ccccc1C(=O)O",  # aspirin
    "CC(=O)Nc1ccc(O)cc1",  # paracetamol
    "CC(C)Cc1ccc(C(C)C(=O)O)cc1",  # ibuprofen
    "COc1ccc2cc(C(C)C(=O)O)ccc2c1",  # naproxen
    "O=C(O)Cc1ccccc1Nc1c(Cl)cccc1Cl",  # diclofenac
    "COc1ccc2c(c1)c(CC(=O)O)c(C)n2C(=O)c1ccc(Cl)cc1",  # indometacin
    "CS(=O)(=O)c1ccc(-c2ccc(Cl)cc2-c2ccc(C)nc2)cc1",  # etoricoxib analogue
    "Cc1onc(-c2ccccc2)c1-c1ccc(S(N)(=O)=O)cc1",  # valdecoxib
    "Cn1c(=O)c2c(ncn2C)n(C)c1=O",  # caffeine
    "CN1CCC[C@H]1c1cccnc1",  # nicotine
    "CN1C(=O)CN=C(c2ccccc2)c2cc(Cl)ccc21",  # diazepam
    "Cc1nnc2n1-c1ccc(Cl)cc1C(c1ccccc1)=NC2",  # alprazolam
    "CN(C)CCCN1c2ccccc2CCc2ccccc21",  # imipramine
    "CN(C)CCCN1c2ccccc2Sc2ccc(Cl)cc21",  # chlorpromazine
    "CNCCC(Oc1ccc(C(F)(F)F)cc1)c1ccccc1",  # fluoxetine
    "CN[C@H]1CC[C@@H](c2ccc(Cl)c(Cl)c2)c2ccccc21",  # sertraline
    "Fc1ccc([C@@H]2CCNC[C@H]2COc2ccc3c(c2)OCO3)cc1",  # paroxetine
    "CN(C)CCCC1(c2ccc(F)cc2)OCc2cc(C#N)ccc21",  # citalopram
    "CN(C)CC(c1ccc(OC)cc1)C1(O)CCCCC1",  # venlafaxine
    "CNCCC(Oc1cccc2ccccc12)c1cccs1",  # duloxetine
    "O=C(CCCN1CCC(O)(c2ccc(Cl)cc2)CC1)c1ccc(F)cc1",  # haloperidol
    "Cc1nc2n(c(=O)c1CCN1CCC(c3noc4cc(F)ccc34)CC1)CCCC2",  # risperidone
    "Cc1cc2c(s1)Nc1ccccc1N=C2N1CCN(C)CC1",  # olanzapine
    "OCCOCCN1CCN(C2=Nc3ccccc3Sc3ccccc32)CC1",  # quetiapine
    "O=C1Cc2cc(CCN3CCN(c4nsc5ccccc45)CC3)c(Cl)cc2N1",  # ziprasidone
    "NC(=O)N1c2ccccc2C=Cc2ccccc21",  # carbamazepine
    "Nc1nnc(-c2cccc(Cl)c2Cl)c(N)n1",  # lamotrigine
    "CC[C@@H](C(N)=O)N1CCCC1=O",  # levetiracetam
    "NCC1(CC(=O)O)CCCCC1",  # gabapentin
    "O=C1NC(=O)C(c2ccccc2)(c2ccccc2)N1",  # phenytoin
    "CC(C)NCC(O)COc1cccc2ccccc12",  # propranolol
    "CC(C)NCC(O)COc1ccc(CC(N)=O)cc1",  # atenolol
    "COCCc1ccc(OCC(O)CNC(C)C)cc1",  # metoprolol
    "COc1ccc(CCN(C)CCCC(C#N)(C(C)C)c2ccc(OC)c(OC)c2)cc1OC",  # verapamil
    "COc1ccc([C@@H]2Sc3ccccc3N(CCN(C)C)C(=O)[C@@H]2OC(C)=O)cc1",  # diltiazem
    "CCOC(=O)[C@H](CCc1ccccc1)N[C@@H](C)C(=O)N1CCC[C@H]1C(=O)O",  # enalapril
    "CCCCc1nc(Cl)c(CO)n1Cc1ccc(-c2ccccc2-c2nn[nH]n2)cc1",  # losartan
    "NS(=O)(=O)c1cc(C(=O)O)c(NCc2ccco2)cc1Cl",  # furosemide
    "NS(=O)(=O)c1cc2c(cc1Cl)NCNS2(=O)=O",  # hydrochlorothiazide
    "CC(=O)CC(c1ccccc1)c1c(O)c2ccccc2oc1=O",  # warfarin
    "O=C(NC[C@H]1CN(c2ccc(N3CCOCC3=O)cc2)C(=O)O1)c1ccc(Cl)s1",  # rivaroxaban
    "COc1ccc(-n2nc(C(N)=O)c3c2C(=O)N(c2ccc(N4CCCCC4=O)cc2)CC3)cc1",  # apixaban
    "COC(=O)C(c1ccccc1Cl)N1CCc2sccc2C1",  # clopidogrel
    "CC(C)c1c(C(=O)Nc2ccccc2)c(-c2ccccc2)c(-c2ccc(F)cc2)n1CC[C@@H](O)C[C@@H](O)CC(=O)O",  # atorvastatin
    "CC(C)c1nc(N(C)S(C)(=O)=O)nc(-c2ccc(F)cc2)c1/C=C/[C@@H](O)C[C@@H](O)CC(=O)O",  # rosuvastatin
    "O=C1[C@H](CC[C@H](O)c2ccc(F)cc2)[C@@H](c2ccc(O)cc2)N1c1ccc(F)cc1",  # ezetimibe
    "CC(C)OC(=O)C(C)(C)Oc1ccc(C(=O)c2ccc(Cl)cc2)cc1",  # fenofibrate
    "COc1ccc(C(=O)NCCc2ccc(S(=O)(=O)NC(=O)NC3CCCCC3)cc2)cc1Cl",  # glibenclamide analogue
    "N#C[C@@H]1CCCN1C(=O)CNC12CC3CC(CC(O)(C3)C1)C2",  # vildagliptin
    "CC#CCn1c(N2CCC[C@@H](N)C2)nc2c1c(=O)n(Cc1nc(C)c3ccccc3n1)c(=O)n2C",  # linagliptin
    "CCOc1ccc(Cc2cc([C@@H]3O[C@H](CO)[C@@H](O)[C@H](O)[C@H]3O)ccc2Cl)cc1",  # dapagliflozin
    "COc1ccc2[nH]c(S(=O)Cc3ncc(C)c(OC)c3C)nc2c1",  # omeprazole
    "CNC(=C[N+](=O)[O-])NCCSCc1ccc(CN(C)C)o1",  # ranitidine
    "CN/C(=N/C#N)NCCSCc1nc[nH]c1C",  # cimetidine
    "CN1CCN(CC1)c1nc2ccccc2n1Cc1ccc(F)cc1",  # benzimidazole antihistamine
    "CCOC(=O)N1CCC(=C2c3ccc(Cl)cc3CCc3cccnc32)CC1",  # loratadine
    "O=C(O)COCCN1CCN(C(c2ccccc2)c2ccc(Cl)cc2)CC1",  # cetirizine
    "CN(C)CCOC(c1ccccc1)c1ccccc1",  # diphenhydramine
    "COc1cc2nc(N3CCN(C(=O)c4ccco4)CC3)nc(N)c2cc1OC",  # prazosin
    "CC(C)(C)NC(=O)[C@H]1CC[C@H]2[C@@H]3CC[C@H]4NC(=O)C=C[C@]4(C)[C@H]3CC[C@]12C",  # finasteride
    "N#Cc1ccc(C(c2ccc(C#N)cc2)n2cncn2)cc1",  # letrozole
    "CCC(=C(c1ccccc1)c1ccc(OCCN(C)C)cc1)c1ccccc1",  # tamoxifen
    "O=C(c1ccc(OCCN2CCCCC2)cc1)c1c(-c2ccc(O)cc2)sc2cc(O)ccc12",  # raloxifene
    "CC(O)(CS(=O)(=O)c1ccc(F)cc1)C(=O)Nc1ccc(C#N)c(C(F)(F)F)c1",  # bicalutamide
    "CNC(=O)c1ccc(N2C(=S)N(c3ccc(C#N)c(C(F)(F)F)c3)C(=O)C2(C)C)cc1F",  # enzalutamide
    "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1",  # imatinib
    "COc1cc2ncnc(Nc3ccc(F)c(Cl)c3)c2cc1OCCCN1CCOCC1",  # gefitinib
    "C#Cc1cccc(Nc2ncnc3cc(OCCOC)c(OCCOC)cc23)c1",  # erlotinib
    "CS(=O)(=O)CCNCc1ccc(-c2ccc3ncnc(Nc4ccc(OCc5cccc(F)c5)c(Cl)c4)c3c2)o1",  # lapatinib
    "CNC(=O)c1cc(Oc2ccc(NC(=O)Nc3ccc(Cl)c(C(F)(F)F)c3)cc2)ccn1",  # sorafenib
    "CCN(CC)CCNC(=O)c1c(C)[nH]c(C=C2C(=O)Nc3ccc(F)cc32)c1C",  # sunitinib
    "Cc1nc(Nc2ncc(C(=O)Nc3c(C)cccc3Cl)s2)cc(N2CCN(CCO)CC2)n1",  # dasatinib
    "CC(=O)c1c(C)c2cnc(Nc3ccc(N4CCNCC4)cn3)nc2n(C2CCCC2)c1=O",  # palbociclib
    "N#CC[C@H](C1CCCC1)n1cc(-c2ncnc3[nH]ccc23)cn1",  # ruxolitinib
    "C[C@@H]1CCN(C(=O)CC#N)C[C@@H]1N(C)c1ncnc2[nH]ccc12",  # tofacitinib
    "C=CC(=O)N1CCC[C@@H](n2nc(-c3ccc(Oc4ccccc4)cc3)c3c(N)ncnc32)C1",  # ibrutinib
    "C[C@@H](Oc1cc(-c2cnn(C3CCNCC3)c2)cnc1N)c1c(Cl)ccc(F)c1Cl",  # crizotinib
    "O=C(c1cc(Cc2n[nH]c(=O)c3ccccc23)ccc1F)N1CCN(C(=O)C2CC2)CC1",  # olaparib
    "CCCS(=O)(=O)Nc1ccc(F)c(C(=O)c2c[nH]c3ncc(-c4ccc(Cl)cc4)cc23)c1F",  # vemurafenib
    "CNc1ncnc2c1ncn2[C@@H]1O[C@H](CO)[C@@H](O)[C@H]1O",  # a nucleoside
    "Nc1nc2c(ncn2COCCO)c(=O)[nH]1",  # aciclovir
    "Cc1cn([C@H]2C[C@H](O)[C@@H](CO)O2)c(=O)[nH]c1=O",  # thymidine
    "O=c1[nH]cc(F)c(=O)[nH]1",  # fluorouracil
    "CC(C)c1nc(CN(C)C(=O)N[C@H](C(=O)N)C(C)C)cs1",  # ritonavir, a part
    "O=C1OC(C#CC2CC2)(C(F)(F)F)c2cc(Cl)ccc2N1",  # efavirenz
    "Cc1ccnc2c1NC(=O)c1cccnc1N2C1CC1",  # nevirapine
    "C[C@@H]1CCO[C@H]2Cn3cc(C(=O)NCc4ccc(F)cc4F)c(=O)c(O)c3C(=O)N12",  # dolutegravir
    "CCOC(=O)C1=C[C@@H](OC(CC)CC)[C@H](NC(C)=O)[C@@H](N)C1",  # oseltamivir
    "O=C(O)c1cn(C2CC2)c2cc(N3CCNCC3)c(F)cc2c1=O",  # ciprofloxacin
    "Cc1cc(NS(=O)(=O)c2ccc(N)cc2)no1",  # sulfamethoxazole
    "COc1cc(Cc2cnc(N)nc2N)cc(OC)c1OC",  # trimethoprim
    "CC(=O)NC[C@H]1CN(c2ccc(N3CCOCC3)c(F)c2)C(=O)O1",  # linezolid
    "Cc1ncc([N+](=O)[O-])n1CCO",  # metronidazole
    "NNC(=O)c1ccncc1",  # isoniazid
    "OC(Cn1cncn1)(Cn1cncn1)c1ccc(F)cc1F",  # fluconazole
    "CC(O)(C(C)c1ncncc1F)c1ccc(F)cc1F",  # voriconazole, a part
    "CCN(CC)CCCC(C)Nc1ccnc2cc(Cl)ccc12",  # chloroquine
    "COc1ccc2nccc([C@@H](O)[C@@H]3C[C@@H]4CCN3C[C@@H]4C=C)c2c1",  # quinine
    "CN1CC[C@]23c4c5ccc(O)c4O[C@H]2[C@@H](O)C=C[C@H]3[C@H]1C5",  # morphine
    "CCC(=O)N(c1ccccc1)C1CCN(CCc2ccccc2)CC1",  # fentanyl
    "CN(C)C[C@H]1CCCC[C@]1(O)c1cccc(OC)c1",  # tramadol
    "CCN(CC)CC(=O)Nc1c(C)cccc1C",  # lidocaine
    "CCN(CC)CCNC(=O)c1cc(Cl)c(N)cc1OC",  # metoclopramide
    "CNS(=O)(=O)Cc1ccc2[nH]cc(CCN(C)C)c2c1",  # sumatriptan
    "CN1CCN2c3ncccc3Cc3ccccc3C2C1",  # mirtazapine
    "COc1cc2c(cc1OC)C(=O)C(CC1CCN(Cc3ccccc3)CC1)C2",  # donepezil
    "CC12CC3CC(C)(C1)CC(N)(C3)C2",  # memantine
    "CN(C)C(=O)Cc1c(-c2ccc(C)cc2)nc2ccc(C)cn12",  # zolpidem
    "C[C@]12CCC(=O)C=C1CC[C@@H]1[C@@H]2[C@@H](O)C[C@]2(C)[C@@H](C(=O)CO)CC[C@@H]12",  # corticosterone
    "CC(C)(O)c1ccccc1CC[C@@H](SCC1(CC(=O)O)CC1)c1cccc(C=Cc2ccc3ccc(Cl)cc3n2)c1",  # montelukast
    "Cn1c(=O)c2[nH]cnc2n(C)c1=O",  # theophylline
    "CN(C)C(=N)NC(=N)N",  # metformin
    "CN1CCN(c2cc3c(cc2F)c(=O)c(C(=O)O)c2n3CCO2)CC1",  # a fluoroquinolone
    "O=C(Nc1ccc(OC(F)(F)Cl)cc1)c1cnc(N2CC[C@@H](O)C2)c(-c2ccn[nH]2)c1",  # asciminib
    "CC(C)S(=O)(=O)c1ccccc1Nc1nc(Nc2ccc(N3CCC(N4CCN(C)CC4)CC3)cc2)ncc1Cl",  # an ALK inhibitor
    "CC(C)n1cc(-c2cnc(N)c(C(=O)Nc3ccccn3)n2)cn1",  # a pyrazine carboxamide
    "Cc1nc(C2CCN(C)CC2)sc1C(=O)NC1CCCC1",  # a thiazole carboxamide
    "CS(=O)(=O)N1CCC(Nc2ncc3ccc(=O)n(C4CCCC4)c3n2)CC1",  # a CDK inhibitor
    "FC(F)(F)c1cnc(N2CC3CC2CN3)nc1",  # a bridged piperazine
    "O=C(N1CC2(C1)COC2)c1cc(C2CC2)on1",  # a spiro oxetane
    "CC1(C)Cc2cccc(OCC(=O)Nc3nccs3)c2O1",  # a dihydrobenzofuran
    "Fc1ccc2c(c1)c(C1=CCNCC1)cn2S(=O)(=O)c1ccccc1",  # a 5-HT6 ligand
    "Cc1oc(-c2ccccc2)nc1CCOc1ccc(CC(C)C(=O)O)cc1",  # a PPAR agonist
    "CN(C)S(=O)(=O)c1ccc2c(c1)OCCO2",  # a benzodioxane
    "O=C(Nc1nnc(C2CCOC2)s1)c1ccc2nccnc2c1",  # a quinoxaline
    "Cc1noc(-c2ccc3c(c2)CCN(C2CCCCC2)C3)n1",  # an oxadiazole
    "Cn1nc(C2CCCN2)c2ccccc21",  # an indazole
    "c1ccc2oc(N3CCCCCC3)nc2c1",  # a benzoxazole
    "O=C1CCC(N2Cc3ccccc3C2=O)C(=O)N1",  # an imide
    "c1cnc2c(c1)nc(C1CCNC1)n2C1CCC1",  # an imidazopyridine
    "Cc1cc(N2CCC2)n2ncc(-c3ccncn3)c2n1",  # a pyrazolopyrimidine
    "O=C(c1cnn2cccnc12)N1CCCC1c1nc2ccccc2s1",  # a benzothiazole
)
